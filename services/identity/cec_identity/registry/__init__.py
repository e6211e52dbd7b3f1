"""The licence registry 醫事管理系統: its files come in here and become practitioners."""
