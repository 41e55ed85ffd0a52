import { isGreyProfile, rgbProfileOfGrey } from "../../src/image/grey_profile.ts";
import { assertEquals } from "../assert.ts";
import { linearGreyProfile, swappedProfile } from "./photos.ts";

Deno.test("rgbProfileOfGrey() takes damaged profiles, and answers with none or with one of its own size", () => {
  const source = linearGreyProfile();
  assertEquals([isGreyProfile(source), isGreyProfile(swappedProfile())], [true, false]);
  assertEquals(rgbProfileOfGrey(swappedProfile()), undefined);
  for (let length = 0; length < source.length; length++) rgbProfileOfGrey(source.slice(0, length));
  for (let at = 0; at < source.length; at++) {
    const bad = source.slice();
    bad[at] ^= 0xff;
    const profile = rgbProfileOfGrey(bad);
    if (profile) assertEquals(new DataView(profile.buffer).getUint32(0), profile.length);
  }
});
