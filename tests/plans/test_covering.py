"""What the editor asks the server while somebody paints: one thing at a time, the newest, and nothing that it knows."""

import json

from tests.plans.test_counted_alike import CONSOLE, counted

SCRIPT = f"""
import {{ Covering }} from {json.dumps(str(CONSOLE / "plan-cover.ts"))};
console.info = () => {{}};
const asked = [];
let now = Int32Array.of(0);
let heard = () => {{}};
const answers = [];
const covering = new Covering(
  (labels) => {{ asked.push(labels[0]); return new Promise((answer, fail) => answers.push([answer, fail])); }},
  () => {{ covering.settle(now); heard(); }},
  1,
);
const painted = (label) => {{ now = Int32Array.of(label); covering.settle(now); return covering.of(now); }};
const answered = async (status) => {{
  const done = new Promise((hear) => {{ heard = hear; }});
  const [answer, fail] = answers.shift();
  if (status === 0) fail(new Error("no network"));
  else answer({{ status, cover: status === 200 ? {{ shops_uncovered: 10 * asked.at(-1) }} : undefined }});
  await done;
  return covering.of(now);
}};
covering.learn(now, {{ shops_uncovered: 7 }});
const look = [painted(0)];
look.push(painted(1), painted(2), painted(3), [...asked]);
look.push(await answered(200), [...asked]);
look.push(await answered(200), painted(1), painted(0), painted(3), [...asked]);
painted(4);
look.push(await answered(429), [...asked], await answered(200));
painted(5);
look.push(await answered(409), painted(5), painted(6), painted(5), [...asked]);
look.push(await answered(0), painted(6), [...asked], await answered(200));
console.log(JSON.stringify(look));
"""


def test_the_newest_change_is_asked_for_and_what_was_counted_is_known_at_once():
    def bare(shops):
        return {"shops_uncovered": shops}

    [look] = counted(SCRIPT, [])
    assert look == [
        bare(7),  # what is kept the page knows
        None, None, None, [1],  # of three changes one is on its way
        None, [1, 3],  # when it is there the newest is asked for
        bare(30), bare(10), bare(7), bare(30), [1, 3],  # undone, and done again: known
        None, [1, 3, 4, 4], bare(40),  # another page has asked: asked again
        {}, {}, None, {}, [1, 3, 4, 4, 5, 6],  # refused: nothing is told of it, of the next again
        None, {}, [1, 3, 4, 4, 5, 6, 5], {},  # no network, and the one before is looked at once more
    ]  # fmt: skip
