"""Recovery 無法登入(忘記帳號、密碼): the way back into an account over its registered e-mail address."""
