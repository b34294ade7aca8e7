// What a worker does at a door and on the way: tracks, plates, who lives where, what a register takes.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { campaignsOf } from "../engine/campaigns.ts";
import { dueOn, errandsAt, errandsSaid, homesOf, questionsAmong } from "../engine/homes.ts";
import { nearOrFar } from "../engine/near.ts";
import { type Look, type Step, screenOf, stepsAt } from "../engine/owed.ts";
import { codesIn, plateAmong, plateDigest } from "../engine/plates.ts";
import {
  isIdentity,
  moveFaults,
  needFaults,
  personFaults,
  saidByIdentity,
  yearIn,
} from "../engine/register.ts";
import { metresBetween } from "../engine/round.ts";
import { featureOf, lengthOf, MOST_POINTS, type TrackPoint, withFix } from "../engine/track.ts";
import { byKind, lay, type Written } from "../engine/view.ts";

const TODAY = "2026-11-27";
const fix = (lat: number, seconds: number, accuracy = 8) => ({ lon: 119.355, lat, seconds, accuracy });

test("a track keeps the way and not every step", () => {
  let track: TrackPoint[] = [];
  // A metre a second northward, for ten minutes.
  for (let second = 0; second < 600; second++) track = withFix(track, fix(34.745 + second / 111_195, second));
  assert.ok(track.length > 20 && track.length < 50, `${track.length}`);
  for (const [place, [lon, lat]] of track.entries()) {
    const [east, north] = track[place - 1] ?? [lon, lat - 1];
    assert.ok(metresBetween({ lon: east, lat: north }, { lon, lat }) >= 14);
  }
  assert.ok(Math.abs(lengthOf(track) - 590) < 20, `${lengthOf(track)}`);
});

test("a vague position, one from before and one from the same place tell nothing", () => {
  const track = withFix([], fix(34.745, 10));
  assert.equal(withFix(track, fix(34.75, 20, 300)), track);
  assert.equal(withFix(track, fix(34.75, 5)), track);
  assert.equal(withFix(track, fix(34.75, -5)), track);
  assert.equal(withFix(track, fix(34.745, 60)), track);
  assert.equal(withFix(track, fix(34.745, 140)).length, 2, "that somebody stood there for minutes is told");
});

test("a track of a whole day stays small", () => {
  let track: TrackPoint[] = [];
  for (let place = 0; place < 3 * MOST_POINTS; place++)
    track = withFix(track, fix(34 + place / 5000, place * 7));
  assert.ok(track.length <= MOST_POINTS && track.length > MOST_POINTS / 2);
  assert.deepEqual(
    [...track].sort((one, other) => one[2] - other[2]),
    track,
  );
});

test("a track is carried away as a line, and of one position as a point", () => {
  const one = featureOf("p", "a", "b", [[119.3, 34.7, 0]]) as { geometry: object };
  assert.deepEqual(one.geometry, { type: "Point", coordinates: [119.3, 34.7] });
  const two = featureOf("p", "a", "b", [
    [119.3, 34.7, 0],
    [119.4, 34.7, 9],
  ]) as { geometry: { type: string }; properties: { seconds: number[] } };
  assert.equal(two.geometry.type, "LineString");
  assert.deepEqual(two.properties.seconds, [0, 9]);
});

test("a plate's code is found alone, typed with blanks, and within an address", () => {
  for (const read of [
    "7K3XWG29ABCDEFGH",
    "7k3x wg29 abcd efgh",
    "https://example.test/d/7K3XWG29ABCDEFGH",
    "https://example.test/door?code=7K3XWG29ABCDEFGH",
    "７Ｋ３ＸＷＧ２９ＡＢＣＤＥＦＧＨ",
  ])
    assert.ok(codesIn(read).includes("7K3XWG29ABCDEFGH"), read);
  assert.deepEqual(codesIn("  "), []);
});

test("a phone compares by what follows from a code, as the server makes it", async () => {
  const server = createHash("sha256").update("wangge door plate WG7K3X").digest("hex");
  assert.equal(await plateDigest("WG7K3X"), server);
  assert.deepEqual(await plateAmong("wg7k3x", new Set([server])), { code: "WG7K3X", digest: server });
  assert.equal(await plateAmong("WG7K3Y", new Set([server])), null);
});

const told = (kind: string, data: object, id = "c1"): Written => ({
  id,
  kind,
  at: "2026-11-27T09:00:00+08:00",
  data: data as Record<string, unknown>,
});

function records() {
  return byKind([
    {
      kind: "dwelling",
      id: "d1",
      revision: 1,
      fields: {
        building: "b1",
        building_name: "3号楼",
        compound: "c1",
        compound_name: "荷花苑",
        door: "301",
        lon: 1,
        lat: 2,
      },
    },
    { kind: "household", id: "h1", revision: 1, fields: { dwelling: "d1", number: "1" } },
    {
      kind: "resident",
      id: "r1",
      revision: 1,
      fields: { household: "h1", name: "李秀英", relation: "head" },
    },
    { kind: "need", id: "n1", revision: 1, fields: { resident: "r1", kind: "elder", ended_on: null } },
  ]);
}

test("a home that was added stands behind its door at once, called as its building is", () => {
  const all = records();
  lay(
    all,
    told("household.add", {
      household: "h2",
      dwelling: "d2",
      building: "b1",
      door: "302",
      has_plot: true,
      only_by_law: false,
    }),
  );
  lay(
    all,
    told("resident.add", { resident: "r2", household: "h2", name: "王大明", residency: "permanent" }, "c2"),
  );
  const made = homesOf(all).find((home) => home.id === "h2");
  assert.deepEqual(
    [made?.place, made?.door, made?.at, made?.people[0]?.name],
    ["荷花苑", "3号楼302", { lon: 1, lat: 2 }, "王大明"],
  );
  assert.equal(made?.waits, true);
});

test("a second home behind a known door changes nothing of the dwelling", () => {
  const all = records();
  lay(all, told("household.add", { household: "h2", dwelling: "d1", has_plot: false, only_by_law: true }));
  assert.equal(all.get("dwelling")?.size, 1);
  assert.equal(homesOf(all).filter((home) => home.door === "3号楼301").length, 2);
});

test("who moves away leaves the home, who moves within stands in the other, who comes back is there", () => {
  for (const move of ["out", "died"]) {
    const all = records();
    lay(all, told("resident.move", { resident: "r1", move, on: "2026-11-26" }));
    assert.deepEqual(homesOf(all)[0]?.people, []);
    assert.equal(all.get("resident")?.get("r1")?.fields.left_on, "2026-11-26");
    lay(all, told("resident.move", { resident: "r1", move: "in", to: "h1", on: TODAY }));
    assert.equal(homesOf(all)[0]?.people.length, 1);
  }
  const all = records();
  lay(all, told("household.add", { household: "h2", dwelling: "d1" }));
  lay(all, told("resident.move", { resident: "r1", move: "within", to: "h2", on: TODAY }));
  assert.deepEqual(
    homesOf(all).map((home) => [home.id, home.people.length]),
    [
      ["h1", 0],
      ["h2", 1],
    ],
  );
});

test("needs that were added are there, and those that were ended are over", () => {
  const all = records();
  lay(
    all,
    told("need.add", {
      need: "n2",
      resident: "r1",
      kind: "illness",
      basis: "law",
      law: "x",
      until: "2027-01-01",
    }),
  );
  lay(all, told("need.end", { need: "n1", on: TODAY }));
  assert.equal(all.get("need")?.get("n2")?.fields.ended_on, null);
  assert.equal(all.get("need")?.get("n1")?.fields.ended_on, TODAY);
});

test("what a register would refuse is said before it is sent", () => {
  const need = {
    kind: "elder",
    basis: "law",
    law: "《老年人权益保障法》第十三条",
    consent_by: "",
    consent_on: "",
    until: "2027-11-28",
  };
  assert.deepEqual(needFaults(need, TODAY), {});
  assert.deepEqual(needFaults({ ...need, until: "2027-11-29" }, TODAY), { until: "until" });
  assert.deepEqual(needFaults({ ...need, until: "2026-11-26" }, TODAY), { until: "until" });
  assert.deepEqual(needFaults({ ...need, law: " " }, TODAY), { law: "law" });
  assert.deepEqual(needFaults({ ...need, kind: "other" }, TODAY), { basis: "basisOther" });
  assert.deepEqual(needFaults({ ...need, basis: "consent" }, TODAY), {
    consent_by: "consentBy",
    consent_on: "consentOn",
  });
  const consent = { ...need, basis: "consent", consent_by: "self", consent_on: TODAY };
  assert.deepEqual(needFaults(consent, TODAY), {});
  assert.deepEqual(needFaults({ ...consent, consent_on: "2026-11-28" }, TODAY), { consent_on: "consentOn" });

  assert.deepEqual(personFaults({ name: "李秀英", birth_year: 1950, phone: "138 0013 8000" }, TODAY), {});
  assert.deepEqual(personFaults({ name: " ", birth_year: 2027, phone: "123" }, TODAY), {
    name: "name",
    birth_year: "year",
    phone: "phone",
  });
  assert.deepEqual(moveFaults({ move: "within", to: "", on: TODAY }, TODAY), { to: "to" });
  assert.deepEqual(moveFaults({ move: "out", to: "", on: "2026-11-28" }, TODAY), { on: "day" });
});

test("an identity number is checked by its last figure, and says the year and the sex", () => {
  assert.ok(isIdentity("110101199003070038") && isIdentity(" 1101 0119 9003 0700 38 "));
  assert.ok(!isIdentity("110101199003070039"), "the last figure does not follow");
  assert.ok(isIdentity("H1234567(8)") && !isIdentity("12") && !isIdentity("护照号码"));
  assert.deepEqual(saidByIdentity("110101199003070038"), { birth_year: 1990, sex: "m" });
  assert.equal(saidByIdentity("H1234567(8)"), null);
  assert.deepEqual(personFaults({ name: "甲", identity: "110101199003070039" }, TODAY), {
    identity: "identity",
  });
  for (const typed of ["1975", "1975-03-02", "19750302", "１９７５年3月2日"])
    assert.equal(yearIn(typed), 1975);
  assert.equal(yearIn("  "), null);
});

test("who moved in is shown without the numbers that were written down", () => {
  const shown = records();
  const data = {
    resident: "r9",
    household: "h1",
    name: "周远",
    identity: "110101199003070038",
    phone: "13800138000",
  };
  lay(shown, told("resident.add", data));
  const fields = shown.get("resident")?.get("r9")?.fields;
  assert.equal(fields?.has_identity, true);
  assert.equal(fields?.phone_tail, "8000");
  assert.ok(!JSON.stringify(fields).includes("110101") && !JSON.stringify(fields).includes("1380013"));
});

test("a visit names the errands of its door; by all well none is done unless said", () => {
  const by = "2026-12-04";
  const reason = (id: string, why: string, text: string, fell: string, since = fell) => ({
    ...{ id, why, text, fell, since, by },
    ...{ law: false, ref: null },
  });
  const records = byKind([
    { kind: "household", id: "h1", revision: 1, fields: { dwelling: "d1", valid_to: null } },
    {
      kind: "due",
      id: "h1",
      revision: 1,
      fields: {
        since: TODAY,
        by,
        reasons: [
          reason("e1", "answer", "2026-000017", "2026-11-20"),
          reason("e2", "question", "几口人?", "2026-11-20", "2026-11-29"),
          reason("e3", "question", "明年的事", "2026-12-01"),
          reason("e4", "campaign", "查豚草", "2026-11-20"),
          reason("n1", "other", "", "2026-11-20"),
          reason("", "everyone", "", "2026-11-20"),
        ],
      },
    },
  ]);
  const [home] = homesOf(records);
  assert.ok(home);
  const shown = errandsAt(home, TODAY);
  assert.deepEqual(
    shown.map(({ id }) => id),
    ["e1", "e2"],
    "also while the door is left alone; neither what comes later nor what a campaign or a rule asks for",
  );
  const errands = ["e1", "e2"];
  assert.deepEqual(errandsSaid(shown, {}, true), { errands, left: errands });
  assert.deepEqual(errandsSaid(shown, { e1: false }, true), { errands, left: ["e2"] });
  assert.deepEqual(errandsSaid(shown, {}, false), { errands, left: [] });
  assert.deepEqual(errandsSaid(shown, { e2: true }, false), { errands, left: ["e2"] });
  assert.deepEqual(errandsSaid([], {}, true), { errands: [], left: [] });
});

/** A plot at which a care visit, an answer, a question and two campaigns are due: a form, and a check of plants with a form of its own. */
function manifold() {
  const by = "2026-12-31";
  const since = "2026-11-20";
  const asks = (why: string, more: object) => ({
    why,
    since,
    fell: since,
    by,
    law: false,
    text: "",
    ...more,
  });
  const reasons = [
    asks("living_alone", {}),
    asks("answer", { id: "e1", ref: "case-1", text: "2026-000017" }),
    asks("question", { id: "e2", ref: "q1", text: "几口人？", asks: { answer: "number" } }),
    asks("campaign", { id: "e3", ref: "survey", text: "survey" }),
    asks("campaign", { id: "e4", ref: "poppies", text: "poppies" }),
  ];
  const campaign = (id: string, more: object) => ({
    kind: "campaign",
    id,
    revision: 1,
    fields: {
      name: id,
      state: "running",
      from_on: since,
      to_on: by,
      form: `form of ${id}`,
      ...more,
    } as never,
  });
  const all = byKind([
    { kind: "household", id: "h1", revision: 1, fields: { number: "1", has_plot: true } },
    { kind: "household", id: "h2", revision: 1, fields: { number: "2" } },
    ...["h1", "h2"].map((id) => ({ kind: "due", id, revision: 1, fields: { since, by, reasons } as never })),
    campaign("survey", {}),
    campaign("poppies", { way: "plants", to_on: "2027-01-31" }),
  ]);
  const homes = homesOf(all);
  const [home] = homes;
  assert.ok(home);
  return { all, home, homes, campaigns: campaignsOf(all, TODAY) };
}

test("whatever is due at one door is one visit: each thing follows the other and nothing is left out", () => {
  const { campaigns, home, homes } = manifold();
  const errands = errandsAt(home, TODAY);
  assert.deepEqual(
    errands.map(({ why }) => why),
    ["answer", "question"],
  );
  assert.deepEqual(
    questionsAmong(errands).map(({ id }) => id),
    ["e2"],
  );
  const looks: Look[] = [];
  const given: { campaign: string; household: string }[] = [];
  const left = (visited: boolean): Step[] => stepsAt(home, campaigns, TODAY, { visited, given, looks });
  const walked: string[] = [];
  let visited = false;
  for (let [step] = left(visited); step; [step] = left(visited)) {
    assert.ok(walked.length < 9, "nobody is led round in a circle");
    walked.push(screenOf(step, home.id).join("/"));
    const owed: Map<string, Step[]> = new Map(visited ? [[home.id, left(true)]] : []);
    const seen: Set<string> = new Set(visited ? [home.id] : []);
    assert.deepEqual(
      dueOn(homes, TODAY, seen, owed).map(({ id }) => id),
      ["h1", "h2"],
      "it stays in today's list while something is owed",
    );
    if (step.to === "visit") visited = true;
    else if (step.to === "plants") looks.push({ campaign: step.campaign.id, household: home.id, on: TODAY });
    else given.push({ campaign: step.campaign.id, household: home.id });
  }
  assert.deepEqual(walked, [
    "visit/h1",
    "plants/h1?campaign=poppies",
    "answer/poppies.h1",
    "answer/survey.h1",
  ]);
  assert.deepEqual(
    dueOn(homes, TODAY, new Set(["h1"])).map(({ id }) => id),
    ["h2"],
  );
});

test("from the plants of a door that nobody called at, the call comes first, then its forms", () => {
  const { campaigns, home } = manifold();
  const looks = [{ campaign: "poppies", household: "h1", on: TODAY }];
  const steps = (more: object) =>
    stepsAt(home, campaigns, TODAY, { visited: false, given: [], looks, ...more }).map((step) =>
      step.to === "visit" ? "visit" : `${step.to} ${step.campaign.id}`,
    );
  assert.deepEqual(steps({}), ["visit", "answer poppies", "answer survey"]);
  const given = [{ campaign: "poppies", household: "h1" }];
  assert.deepEqual(steps({ looks: [], given, visited: true }), ["answer survey"], "its form ends the plants");
  const none = [...given, { campaign: "survey", household: "h1" }].map((each) => ({
    ...each,
    declined: true,
  }));
  assert.deepEqual(steps({ looks: [], given: none, visited: true }), [], "and so does who declines it");
  assert.deepEqual(
    steps({ looks: [{ ...looks[0], household: "h2" }], visited: true })[0],
    "plants poppies",
    "another door's plants are no look at this one's",
  );
});

test("the wish for no more visits than the law asks holds from when it is written down, and can be taken back", () => {
  const [early, late] = ["2026-11-01", "2026-12-31"];
  const reason = (why: string, law: boolean, since: string, by: string) => ({
    why,
    law,
    since,
    by,
    text: "",
  });
  const yearly = reason("everyone", false, early, "2026-11-30");
  const monthly = reason("living_alone", true, "2026-11-10", late);
  const due = (id: string, ...reasons: object[]) => ({
    ...{ kind: "due", id, revision: 1 },
    fields: { since: early, by: "2026-11-30", reasons } as never,
  });
  const records = byKind([
    ...["any", "cared"].map((id) => ({ kind: "household", id, revision: 1, fields: { number: id } })),
    due("any", yearly),
    due("cared", yearly, monthly),
  ]);
  const wishes = (was: boolean, is: boolean): void => {
    for (const household of ["any", "cared"])
      lay(records, {
        ...{ id: "c", kind: "household.change", at: "2026-11-20T08:00:00+08:00" },
        data: { household, only_by_law: { was, is } },
      });
  };
  const told = () => homesOf(records).map(({ id, due }) => [id, due?.since, due?.by, due?.reasons.length]);
  const before = told();
  wishes(false, true);
  assert.deepEqual(told(), [
    ["any", undefined, undefined, undefined],
    ["cared", "2026-11-10", late, 2],
  ]);
  assert.deepEqual(
    dueOn(homesOf(records), TODAY, new Set()).map(({ id }) => id),
    ["cared"],
  );
  wishes(true, false);
  assert.deepEqual(told(), before);
});

test("what a form alone answers needs no call of its own, and what comes again is looked at again", () => {
  const { campaigns, home } = manifold();
  assert.ok(home.due);
  const reasons = home.due.reasons.filter(({ ref }) => ref === "poppies");
  const asked = { ...home, due: { ...home.due, reasons } };
  const look = (on: string, times: number) =>
    stepsAt(
      asked,
      campaigns.map((each) => ({ ...each, times })),
      TODAY,
      {
        ...{ visited: false, given: [] },
        looks: [{ campaign: "poppies", household: "h1", on }],
      },
    ).map(({ to }) => to);
  assert.deepEqual(look("2026-11-19", 1), ["answer"]);
  assert.deepEqual(look("2026-11-19", 3), ["plants", "answer"]);
  assert.deepEqual(look("2026-11-20", 3), ["answer"]);
  const ahead = {
    ...asked,
    due: { ...home.due, reasons: reasons.map((each) => ({ ...each, fell: "2026-11-28" })) },
  };
  assert.deepEqual(stepsAt(ahead, campaigns, TODAY, { visited: true, given: [], looks: [] }), []);
});

test("near and far are said where the whole circle of a position is, and nothing where it may be either", () => {
  const door = { lon: 119.355, lat: 34.745 };
  const at = (metres: number) => ({ lon: 119.355, lat: 34.745 + metres / 111_195 });
  for (const [metres, accuracy, told] of [
    [0, 0, "near"],
    [60, 30, "near"],
    [99, 0, "near"],
    [101, 0, "far"],
    [0, 99, "near"],
    [0, 101, "unknown"],
    [0, 200, "unknown"],
    [80, 30, "unknown"],
    [250, 200, "unknown"],
    [301, 200, "far"],
    [5000, 2000, "far"],
    [0, Number.NaN, "unknown"],
    [5000, Number.POSITIVE_INFINITY, "unknown"],
  ] as const)
    assert.equal(nearOrFar(at(metres), accuracy, door), told, `${metres} m away, ±${accuracy} m`);
  assert.equal(nearOrFar({ lon: Number.NaN, lat: 34.745 }, 5, door), "unknown");
});
