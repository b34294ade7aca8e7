// Forms that are sent once, and pages that show what went wrong.

/** Guards every form of the page against a second click, also those that come later. */
export function startForms(): void {
  // The server would do it once anyway (`command_id`); this saves the waiting for an answer that says so.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
    // A form that answers with a file leaves its page standing.
    if (form.dataset.again !== undefined) setTimeout(release, 1500);
  });
  // Coming back with the back button must find a form that can be sent again.
  window.addEventListener("pageshow", release);
  document.querySelector(".error[role=alert]")?.scrollIntoView({ block: "center" });
}

function release(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
}
