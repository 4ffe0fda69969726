"""Code written and reviewed: fences, indentation, several choices to pick from."""

from random import Random

from dashboard.upstream.demo.samples.shapes import LARGE, SMALL, Sample, reply, system, user
from dashboard.upstream.demo.samples.vocabulary import facts, tags

_STYLE = "You write small, plain Python for readers. Answer with code first, then at most three sentences."
_RETRY = '''```python
def retry(call, attempts=3, wait=0.2):
    """Run call; on TimeoutError try again, a little later each time."""
    for attempt in range(attempts):
        try:
            return call()
        except TimeoutError:
            if attempt == attempts - 1:
                raise
            time.sleep(wait * 2**attempt)
```

The last failure is raised as it is, so that the caller sees the real cause. Other errors are not retried.'''
_CHUNKS = """```python
def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]
```

It works for anything that can be sliced. For an iterator, use `itertools.batched` (Python 3.12 and later)."""
_SQL = """```sql
SELECT city, count(*) AS orders, round(avg(total), 2) AS average
FROM orders
WHERE placed_at >= date('now', '-30 days') AND status <> 'cancelled'
GROUP BY city
HAVING count(*) >= 5
ORDER BY orders DESC;
```

`<>` is the standard spelling of *not equal*. An index on `(placed_at, status)` keeps this quick."""
_TYPESCRIPT = """```ts
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

const label = (n: number) => (n !== 0 ? plural(n, "order") : "no orders");
```

Only English works this way; for other languages use `Intl.PluralRules`."""
_SHELL = """```sh
find /var/log/{service} -name '*.log.gz' -mtime +{count} -print0 | xargs -0 -r rm --
```

Run it once with `echo rm` in place of `rm`. `-print0` and `-0` keep names with spaces whole."""
_REGEX = """```python
ORDER = re.compile(r"\\bBW-(\\d{5})\\b")
numbers = ORDER.findall(text)
```

`\\b` on both sides keeps `ABW-12345` and `BW-123456` out, so `{order}` is found and `{order}1` is not."""
_UNDO = """```sh
git switch main
git revert --no-edit HEAD   # a new commit that takes the last one back
git push
```

`revert` is safe on a shared branch like the one of {service}: nobody has to fetch a rewritten history."""
_GRID = """```css
.shelf {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr));
  gap: 1rem;
}
```

No media query is needed: columns appear as soon as there is room for another {count} cards."""
_GUARD = """```rust
fn parse_order(text: &str) -> Result<u32, OrderError> {
    let digits = text.strip_prefix("BW-").ok_or(OrderError::Prefix)?;
    if digits.len() != 5 {
        return Err(OrderError::Length(digits.len()));
    }
    digits.parse().map_err(|_| OrderError::Digits)
}
```

`{order}` gives `Ok`, everything else says what is wrong with it."""
_EXPLAIN = """It is a *race*: {service} reads the stock, another worker sells the last piece, and then both write.

```python
with transaction.atomic():
    item = Item.objects.select_for_update().get(pk=pk)
    if item.stock > 0:
        item.stock -= 1
        item.save(update_fields=["stock"])
```

The row stays locked until the block ends, so the second worker sees the new number. {ticket} describes exactly this."""
_REVIEW = """Three remarks, the first one matters:

1. `except Exception` in `load()` hides the `KeyError` you are looking for. Catch `FileNotFoundError` alone.
2. `rows = rows or []` also replaces an *empty list that the caller passed*, which it then cannot see filled.
3. `if len(rows) != 0:` reads better as `if rows:`.

```diff
-    except Exception:
-        return None
+    except FileNotFoundError:
+        return {{}}
```

Otherwise fine: the names say what they hold, and the test for the empty file is a good one."""

_TASKS = (
    ("A retry helper with growing pauses, please. No decorators.", _RETRY),
    ("Split a list into chunks of n", _CHUNKS),
    ("SQL: orders per city in the last 30 days with the average total, cancelled ones left out", _SQL),
    ("TypeScript helper that says '1 order', '2 orders', 'no orders'", _TYPESCRIPT),
    ("Delete compressed logs of {service} older than {count} days", _SHELL),
    ("I pushed a broken commit to main of {service}. Undo it without a force push?", _UNDO),
    ("CSS: product cards in as many columns as fit, no media queries", _GRID),
    ("Rust function that reads an order number like {order}, with proper errors", _GUARD),
    ("Why does {service} sometimes sell the last piece twice? ({ticket})", _EXPLAIN),
    ("Regex for our order numbers, they look like {order}", _REGEX),
    ("Review this before I merge it, {first} is waiting:\n\n```python\ndef load(path, rows=None):\n    rows = rows or []\n    try:\n\t...\n```", _REVIEW),
)  # fmt: skip
_COMMITS = (
    "Let {service} retry a timed-out call\n\nOnly timeouts, three times, with growing pauses.",
    "Retry timeouts in {service}",
    "{service}: survive short outages of the order store\n\nFixes {ticket}.",
    "Add retry() and use it in {service}\n\nThe pauses double; the last error is raised as it is.",
    "Fix {ticket}: do not give up on the first timeout",
)
_NAMES = ("parcel_window", "delivery_slot", "drop_off_span", "hand_over_time", "arrival_range")


def task(dice: Random) -> Sample:
    known = facts(dice)
    asked, answer = dice.choice(_TASKS)
    return Sample(
        messages=[system(_STYLE), user(_fill(asked, known))],
        choices=[reply(_fill(answer, known))],
        model=dice.choice((LARGE, LARGE, SMALL)),
        metadata=tags(dice, "code", team="platform", editor=dice.choice(("vim", "helix", "kate"))),
        settings={"temperature": 0.2},
        reasoning=dice.randrange(64, 1_200, 64),
        cached=dice.choice((0, 256)),
    )


def commit_messages(dice: Random, count: int = 3) -> Sample:
    """Several choices for one question: two, three or five."""
    known = facts(dice)
    texts = [_fill(text, known) for text in dice.sample(_COMMITS, count)]
    asked = f"Commit message for this change in {known['service']} ({known['ticket']}): retry timed-out calls."
    return Sample(
        messages=[system("Subject of at most 50 characters, body only when it helps."), user(asked)],
        choices=[reply(text) for text in texts],
        model=SMALL,
        metadata=tags(dice, "code", team="platform", n=str(count)),
        settings={"temperature": 1.1},
    )


def five_names(dice: Random) -> Sample:
    """Five choices, short and partly the same, as high temperatures give them."""
    known = facts(dice)
    texts = [*dice.sample(_NAMES, 4), _NAMES[0]]
    return Sample(
        messages=[user(f"One variable name for: the two-hour window in which {known['carrier']} delivers. Name only.")],
        choices=[reply(text) for text in texts],
        model=SMALL,
        metadata=tags(dice, "code", n="5"),
        settings={"temperature": 1.4, "presence_penalty": 0.6},
    )


def two_answers(dice: Random) -> Sample:
    """Two choices, one of them cut short."""
    known = facts(dice)
    asked, answer = dice.choice(_TASKS[:4])
    text = _fill(answer, known)
    return Sample(
        messages=[system(_STYLE), user(asked)],
        choices=[reply(text), reply(text[: len(text) * 3 // 5], "length")],
        model=LARGE,
        metadata=tags(dice, "code", team="platform", n="2"),
        reasoning=256,
    )


def _fill(text: str, known: dict[str, str]) -> str:
    """Code is full of braces, so only the known names are replaced."""
    for name in ("service", "count", "order", "ticket", "first"):
        text = text.replace("{" + name + "}", known[name])
    return text.replace("{{", "{").replace("}}", "}")
