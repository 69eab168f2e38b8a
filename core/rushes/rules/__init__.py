"""`when` predicates: one SQL expression over the columns of a clip, checked before anything runs.

The ledger evaluates them, a whole batch in one query. A rule sees one clip, gives the same answer whenever it
is asked, and reads nothing else.
"""

from rushes.rules.allowed import check
from rushes.rules.conditions import conjuncts, predicate, referenced
from rushes.rules.syntax import RuleError

__all__ = ["RuleError", "check", "conjuncts", "predicate", "referenced"]
