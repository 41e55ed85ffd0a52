/** The page's two parts, one of them shown. */
import { byId, passFocus } from "./dom.ts";

const PARTS = ["restore", "train"] as const;
export type Part = typeof PARTS[number];

/** Makes the tabs work, by keyboard too; the address remembers which is shown (`#train`). */
export function startTabs(): void {
  PARTS.forEach((part, index) => {
    const tab = byId(`tab-${part}`);
    tab.addEventListener("click", () => showPart(part));
    tab.addEventListener("keydown", ({ key }) => {
      const next = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
      if (next === 0) return;
      const other = PARTS[(index + next + PARTS.length) % PARTS.length];
      showPart(other);
      byId(`tab-${other}`).focus();
    });
  });
  const addressed = () => showPart(location.hash === "#train" ? "train" : "restore");
  addEventListener("hashchange", addressed);
  addressed();
}

export function shownPart(): Part {
  return byId("train").hidden ? "restore" : "train";
}

export function showPart(shown: Part): void {
  for (const part of PARTS) {
    if (part !== shown) passFocus(byId(part), byId(`tab-${shown}`));
    byId(part).hidden = part !== shown;
    const tab = byId(`tab-${part}`);
    tab.setAttribute("aria-selected", String(part === shown));
    tab.tabIndex = part === shown ? 0 : -1;
  }
  history.replaceState(null, "", shown === "train" ? "#train" : location.pathname + location.search);
}
