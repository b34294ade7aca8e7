// Finds the editor of a plan and loads its script, which no other page needs.
export function startPlans(): void {
  const host = document.querySelector<HTMLElement>("[data-plan-editor]");
  if (host) void import("./plan-editor").then(({ openEditor }) => openEditor(host));
}
