/** The one file that names htmx: its settings, the CSRF header and what happens when a request fails. */
import htmx from "htmx.org";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false; // the policy forbids injected styles
htmx.config.scrollBehavior = "instant";
// A form with errors comes back as 422 and replaces itself; everything else above 400 is a failure to tell.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "...", swap: false, error: true },
];

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  if (token) (event as CustomEvent<{ headers: Record<string, string> }>).detail.headers["X-CSRFToken"] = token;
});

function tell(): void {
  const toast = document.querySelector<HTMLElement>("[data-toast]");
  if (!toast) return;
  toast.textContent = toast.dataset.toast ?? "";
  toast.hidden = false;
  window.setTimeout(() => {
    toast.hidden = true;
  }, 6000);
}

document.addEventListener("htmx:responseError", tell);
document.addEventListener("htmx:sendError", tell);
/** Islands learn from this that the address of the page is another now. */
document.addEventListener("htmx:pushedIntoHistory", () => document.dispatchEvent(new CustomEvent("page:moved")));
