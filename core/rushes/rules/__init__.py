"""`when` predicates: one SQL expression over the columns of a clip, checked before anything runs.

The ledger evaluates them, a whole batch in one query. A rule sees one clip, gives the same answer whenever it
is asked, and reads nothing else.
"""

from rushes.rules.allowed import check, check_number
from rushes.rules.choice import RuleLike, chosen, hits, order_matters, taken
from rushes.rules.conditions import conjuncts, constant, number, predicate, referenced
from rushes.rules.remarks import loose_nots, meta_keys
from rushes.rules.syntax import RuleError

__all__ = [
    "RuleError",
    "RuleLike",
    "check",
    "check_number",
    "chosen",
    "conjuncts",
    "constant",
    "hits",
    "loose_nots",
    "meta_keys",
    "number",
    "order_matters",
    "predicate",
    "referenced",
    "taken",
]
