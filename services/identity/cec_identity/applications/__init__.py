"""Applications for accounts 帳號申請: by units and committee members; an administrator approves or rejects them."""
