/** ICC profiles of grey photos (ICC.1:2022), for formats that have colour channels alone. */

const HEADER_BYTES = 128;
const TAG_BYTES = 12;
/** Primaries of sRGB, adapted to D50: any would do whose sum is D50, which a grey then is whatever its curve. */
const PRIMARIES: readonly (readonly [string, readonly [number, number, number]])[] = [
  ["rXYZ", [0.43607, 0.22249, 0.01392]],
  ["gXYZ", [0.38515, 0.71687, 0.09708]],
  ["bXYZ", [0.14307, 0.06061, 0.7141]],
];
const CURVES = ["rTRC", "gTRC", "bTRC"];
/** Tags that describe the profile and mean the same in the new one. */
const DESCRIPTIVE = ["desc", "cprt", "wtpt", "chad"];

/** True where the profile is for photos of one channel. */
export function isGreyProfile(icc: Uint8Array): boolean {
  return textAt(icc, 16) === "GRAY";
}

/**
 * An RGB profile under which R = G = B = x looks as the sample x does under a grey one: its curve, three times.
 * @returns undefined where the profile has no such curve (but a table, or one of L*), or is damaged.
 */
export function rgbProfileOfGrey(icc: Uint8Array): Uint8Array | undefined {
  if (icc.length < HEADER_BYTES + 4 || textAt(icc, 20) !== "XYZ ") return undefined;
  const tags = tagsOf(icc);
  const curve = tags.get("kTRC");
  if (!curve) return undefined;
  const placed: [name: string, data: Uint8Array][] = [
    ...[...tags].filter(([name]) => DESCRIPTIVE.includes(name)),
    ...PRIMARIES.map(([name, xyz]): [string, Uint8Array] => [name, xyzTag(xyz)]),
    ...CURVES.map((name): [string, Uint8Array] => [name, curve]),
  ];
  const datas = [...new Set(placed.map(([, data]) => data))];
  const places = new Map<Uint8Array, number>();
  let end = HEADER_BYTES + 4 + TAG_BYTES * placed.length;
  for (const data of datas) {
    places.set(data, end);
    end += 4 * Math.ceil(data.length / 4);
  }
  const profile = new Uint8Array(end);
  const view = new DataView(profile.buffer);
  profile.set(icc.subarray(0, HEADER_BYTES));
  view.setUint32(0, end);
  // A display's: what is described by curves and primaries alone is a display or a scanner.
  setText(profile, 12, "mntrRGB ");
  // The checksum of the old one.
  profile.fill(0, 84, 100);
  view.setUint32(HEADER_BYTES, placed.length);
  placed.forEach(([name, data], i) => {
    const at = HEADER_BYTES + 4 + TAG_BYTES * i;
    setText(profile, at, name);
    view.setUint32(at + 4, places.get(data)!);
    view.setUint32(at + 8, data.length);
  });
  for (const [data, at] of places) profile.set(data, at);
  return profile;
}

/** Data by the tag's name, of those that lie within the profile. */
function tagsOf(icc: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(icc.buffer, icc.byteOffset, icc.length);
  const count = Math.min(
    view.getUint32(HEADER_BYTES),
    Math.floor((icc.length - HEADER_BYTES - 4) / TAG_BYTES),
  );
  const tags = new Map<string, Uint8Array>();
  for (let i = 0; i < count; i++) {
    const at = HEADER_BYTES + 4 + TAG_BYTES * i;
    const [from, length] = [view.getUint32(at + 4), view.getUint32(at + 8)];
    if (length >= 8 && from + length <= icc.length) {
      tags.set(textAt(icc, at), icc.subarray(from, from + length));
    }
  }
  return tags;
}

function xyzTag(values: readonly number[]): Uint8Array {
  const tag = new Uint8Array(20);
  setText(tag, 0, "XYZ ");
  const view = new DataView(tag.buffer);
  values.forEach((value, i) => view.setInt32(8 + 4 * i, Math.round(value * 65536)));
  return tag;
}

function textAt(bytes: Uint8Array, offset: number): string {
  return new TextDecoder("latin1").decode(bytes.subarray(offset, offset + 4));
}

function setText(bytes: Uint8Array, offset: number, text: string): void {
  bytes.set(new TextEncoder().encode(text), offset);
}
