// What is told in passing, in the page's own words: a `<template>` of the page, or a text that the server sent.

/** Shows a message below at the right for a while, and reads it out. A template's `[data-part=name]` are filled from `parts`. */
export function tell(message: HTMLTemplateElement | string, parts: Record<string, string> = {}): void {
  const place = document.getElementById("told");
  if (!place) return;
  const note = document.createElement("div");
  if (typeof message === "string") note.textContent = message;
  else note.append(message.content.cloneNode(true));
  for (const part of note.querySelectorAll<HTMLElement>("[data-part]")) {
    const value = parts[part.dataset.part ?? ""];
    if (value !== undefined) part.textContent = value;
  }
  place.append(note);
  let timer = window.setTimeout(() => note.remove(), 8000);
  // Who reads it with the mouse or has the focus in it has the time that it takes.
  for (const name of ["mouseenter", "focusin"]) note.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["mouseleave", "focusout"])
    note.addEventListener(name, () => {
      timer = window.setTimeout(() => note.remove(), 3000);
    });
}

/** `document.dispatchEvent(new CustomEvent("wangge:tell", { detail: { text } }))` tells too; the rail says when nothing live arrives. */
export function startTelling(): void {
  document.addEventListener("wangge:tell", (event) => {
    const text = (event as CustomEvent<{ text?: string }>).detail?.text;
    if (text) tell(text);
  });
  const state = document.querySelector<HTMLElement>("[data-live-state]");
  document.addEventListener("wangge:live", (event) => {
    if (state) state.hidden = (event as CustomEvent<{ open: boolean }>).detail.open;
  });
}
