"""Announcements 公告: what administrators and review units tell, to whom, and for how long; files; mails about them."""
