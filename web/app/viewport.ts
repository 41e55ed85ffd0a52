/** Where a photo lies on the stage: pure arithmetic, without the page. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A photo's pixel (px, py) shows at (x + scale·px, y + scale·py) of the stage, in CSS pixels. */
export interface View extends Point {
  readonly scale: number;
}

const LARGEST_SCALE = 32;

/** The largest view that shows the whole photo, centred; small photos are enlarged at most fourfold. */
export function fitted(photo: Size, stage: Size): View {
  const scale = Math.min(stage.width / photo.width, stage.height / photo.height, 4);
  return centred(photo, stage, scale);
}

/** The view of this scale with the photo's middle in the stage's middle. */
export function centred(photo: Size, stage: Size, scale: number): View {
  return { scale, x: (stage.width - photo.width * scale) / 2, y: (stage.height - photo.height * scale) / 2 };
}

/** Zooms by a factor while the photo's pixel under `at` stays where it is, as far as `kept` allows. */
export function zoomed(view: View, factor: number, at: Point, photo: Size, stage: Size): View {
  const smallest = Math.min(fitted(photo, stage).scale, 1) / 2;
  const scale = Math.min(Math.max(view.scale * factor, smallest), LARGEST_SCALE);
  const ratio = scale / view.scale;
  return kept({ scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio }, photo, stage);
}

/** Moves the photo. */
export function panned(view: View, by: Point, photo: Size, stage: Size): View {
  return kept({ ...view, x: view.x + by.x, y: view.y + by.y }, photo, stage);
}

/** Whether there is more of the photo than the stage shows. */
export function overflows(view: View, photo: Size, stage: Size): boolean {
  return photo.width * view.scale > stage.width + 1 || photo.height * view.scale > stage.height + 1;
}

/** The nearest view that leaves no empty space where the photo could fill it, and that centres it where it cannot. */
export function kept(view: View, photo: Size, stage: Size): View {
  const along = (offset: number, extent: number, room: number) =>
    extent <= room ? (room - extent) / 2 : Math.min(0, Math.max(offset, room - extent));
  return {
    scale: view.scale,
    x: along(view.x, photo.width * view.scale, stage.width),
    y: along(view.y, photo.height * view.scale, stage.height),
  };
}
