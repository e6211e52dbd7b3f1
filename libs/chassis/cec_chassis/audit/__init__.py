"""The audit log's chain, its verification, and who may read what was written.

Rows are written by `tx.audit` and `tx.look` (`cec_chassis.database`), in the transaction of the act and without waiting
for anybody. Behind the writers one sealer of the service chains them: each seal's hash takes in the row and the hash
before it, so whoever changes, removes, inserts or reorders rows later breaks the chain from there on. Now and then the
newest hash, the head, is told outside the database; whoever replaces the whole chain contradicts what was told.
"""
