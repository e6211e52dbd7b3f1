"""Cases 案件: one for each submission of an activity, waiting for, or carrying, its review unit's decision."""
