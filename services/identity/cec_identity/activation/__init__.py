"""Activation 帳號開通: a practitioner of the registry opens their own account, over a link to their e-mail address."""
