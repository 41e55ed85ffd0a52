import { UserError } from "../../src/base/errors.ts";
import { Random } from "../../src/base/random.ts";
import { parseRecipe, recipePresets } from "../../src/degrade/recipe.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

Deno.test("parseRecipe() reads steps in order, with fixed strengths and ranges", () => {
  const recipe = parseRecipe(
    " blur:0.5-2, salt-pepper:.01,jpeg:30-90,gaussian:25,grain:0-9,camera:3-8,downscale:2 ",
  );
  assertEquals(
    recipe.text,
    "blur:0.5-2,salt-pepper:0.01,jpeg:30-90,gaussian:25,grain:0-9,camera:3-8,downscale:2",
  );
  const random = new Random(1);
  const seen = Array.from({ length: 500 }, () => recipe.sample(random));
  for (const steps of seen) {
    assertEquals(steps.map(({ name }) => name), [
      "blur",
      "salt-pepper",
      "jpeg",
      "gaussian",
      "grain",
      "camera",
      "downscale",
    ]);
    assert(steps[0].strength >= 0.5 && steps[0].strength < 2);
    assertEquals(steps[1].strength, 0.01);
    assert(Number.isInteger(steps[2].strength) && steps[2].strength >= 30 && steps[2].strength <= 90);
    assertEquals([steps[3].strength, steps[6].strength], [25, 2]);
  }
  const sigmas = seen.map(([blur]) => blur.strength);
  assert(Math.min(...sigmas) < 0.55 && Math.max(...sigmas) > 1.95, "the whole range is used");
  const mean = sigmas.reduce((sum, sigma) => sum + sigma) / sigmas.length;
  assert(Math.abs(mean - 1.25) < 0.08, `drawn uniformly, got the mean ${mean}`);
});

Deno.test("parseRecipe() of a recipe's own text gives the same recipe", () => {
  const texts = [
    ...Object.keys(recipePresets),
    "mix(blur:1,jpeg:20-30),gaussian:3",
    "mix(blur:1*2.5,jpeg:20-30)",
    "3*none | blur:1,jpeg:3 | 0.5*mix(blur:1*2,jpeg:3)",
    "salt-pepper:0.0000001",
  ];
  for (const text of texts) {
    const first = parseRecipe(text);
    const second = parseRecipe(first.text);
    assertEquals(second.text, first.text);
    for (let seed = 0; seed < 20; seed++) {
      assertEquals(second.sample(new Random(seed)), first.sample(new Random(seed)));
    }
  }
});

Deno.test("parseRecipe() knows the presets by name and keeps the name", () => {
  assertEquals(parseRecipe("photo").name, "photo");
  assertEquals(parseRecipe("trial1").sample(new Random(1)), []);
  assertEquals(parseRecipe("trial3").sample(new Random(1)).map(({ name }) => name), ["salt-pepper", "blur"]);
});

Deno.test("parseRecipe() draws from the photo mix: single damages, mixes in any order, a tenth clean", () => {
  const recipe = parseRecipe("photo");
  const random = new Random(7);
  const orders = new Map<string, number>();
  const count = 20000;
  for (let i = 0; i < count; i++) {
    const steps = recipe.sample(random);
    const order = steps.map(({ name }) => name).join(">");
    orders.set(order, (orders.get(order) ?? 0) + 1 / count);
    for (const { name, strength } of steps) {
      const [low, high] = {
        blur: [0, 2],
        gaussian: [0, 40],
        "gaussian-grey": [0, 30],
        "salt-pepper": [0, 0.4],
        "salt-pepper-channels": [NaN, NaN],
        filled: [0, 0.4],
        jpeg: [15, 100],
        shrink: [NaN, NaN], // never drawn
        grain: [0, 25],
        camera: [0, 20],
        downscale: [1, 1],
      }[name];
      assert(strength >= low && strength <= high, `${name}:${strength}`);
    }
  }
  const share = (order: string) => orders.get(order) ?? 0;
  assert(Math.abs(share("") - (0.1 * 6 + 1) / 25) < 0.01, `clean ${share("")}`);
  for (const single of ["blur", "gaussian", "gaussian-grey", "grain", "camera", "salt-pepper", "jpeg"]) {
    assert(share(single) > 0.003, `${single} ${share(single)}`);
  }
  for (
    const pair of ["salt-pepper>blur", "blur>salt-pepper", "blur>gaussian", "gaussian>blur", "camera>jpeg"]
  ) {
    assert(share(pair) > 0.0015, `${pair} ${share(pair)}`);
  }
  const inMix = share("gaussian") - 2 / 25; // The rest comes from the alternative of noise alone.
  assert(Math.abs(inMix / share("blur") - 4 / 5) < 0.2, "singles come by their weights");
  assert(share("gaussian>jpeg") > 4 * share("jpeg>gaussian"), "JPEG mostly comes last");
  assert(share("jpeg>gaussian") > 0, "but not always");
});

Deno.test("parseRecipe() takes one of several ways for each photo, by weight", () => {
  const recipe = parseRecipe("3*none | blur:1,jpeg:50");
  const random = new Random(3);
  const drawn = Array.from({ length: 4000 }, () => recipe.sample(random).map(({ name }) => name).join());
  assertEquals(new Set(drawn), new Set(["", "blur,jpeg"]));
  assert(Math.abs(drawn.filter((steps) => steps === "").length / 4000 - 0.75) < 0.03);
});

Deno.test("parseRecipe() names the step that is wrong and lists what is allowed", () => {
  const bad: [string, RegExp][] = [
    ["", /it is empty/],
    ["sharpen:2", /there is no step 'sharpen'.*blur.*salt-pepper.*presets are .*photo/],
    ["toString:2", /'toString:2' is not/],
    ["blur", /'blur' is not NAME:STRENGTH/],
    ["blur:1,gaussian:-5", /'gaussian:-5' is not/],
    ["blur:2-1", /'blur:2-1' has its range the wrong way round/],
    ["jpeg:0", /'jpeg:0' is outside 1\.\.100/],
    ["salt-pepper:1.5", /'salt-pepper:1.5' is outside 0\.\.1/],
    ["blur:99", /outside 0\.\.20/],
    ["blur:1,", /comma or a bracket/],
    ["blur:1,,jpeg:3", /comma or a bracket/],
    ["mix(blur:1", /comma or a bracket/],
    ["mix(blur:1,mix(jpeg:3))", /comma or a bracket/],
    ["mix()", /empty mix/],
    ["mix(blur:1*0)", /weight 0/],
    ["0*blur:1 | jpeg:3", /weight 0/],
    ["blur:1 | ", /it is empty/],
    ["blur:1*2", /'blur:1\*2' is not/],
    ["mix(blur:1,dust:2)", /no step 'dust'/],
  ];
  for (const [text, message] of bad) {
    assertThrows(() => parseRecipe(text), (error: unknown) => {
      assert(error instanceof UserError, text);
      assert(message.test(error.message), `${text}: ${error.message}`);
      assert(!error.message.includes("\n"));
      assertEquals(error.exitCode, 2);
      return true;
    });
  }
});

Deno.test("parseRecipe() knows how much smaller a recipe makes a photo, and wants that to be certain", () => {
  assertEquals(parseRecipe("photo").scale, 1);
  assertEquals(parseRecipe("shrink:2").scale, 2);
  assertEquals(parseRecipe("blur:0-1,shrink:2,jpeg:60-95 | shrink:2").scale, 2);
  assertEquals(parseRecipe("shrink:2,gaussian:5,shrink:2").text, "shrink:2,gaussian:5,shrink:2");
  assertEquals(parseRecipe("shrink:2,gaussian:5,shrink:2").scale, 4);
  assertThrows(() => parseRecipe("shrink:2-4"), /shrink takes one whole factor/);
  assertThrows(() => parseRecipe("shrink:2.5"), /shrink takes one whole factor/);
  assertThrows(() => parseRecipe("mix(blur:1,shrink:2)"), /a mix cannot shrink/);
  assertThrows(() => parseRecipe("shrink:2 | blur:1"), /its alternatives shrink the photo differently/);
});
