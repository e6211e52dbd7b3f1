"""One's own data 個人資料維護: how one is reached, the account's history, a wish for other rights."""
