/**
 * One polite live region for the whole page, however many elements stand on it. Messages that come together are read
 * together, and the same sentence is not repeated.
 */
let region: HTMLElement | undefined;
let waiting: string[] = [];
let timer: number | undefined;

export function announce(message: string): void {
  if (waiting.includes(message)) return;
  waiting.push(message);
  region ??= createRegion();
  window.clearTimeout(timer);
  // The region must stand in the page before its text changes, or screen readers stay silent.
  timer = window.setTimeout(() => {
    if (region) region.textContent = waiting.join(" ");
    waiting = [];
  }, 400);
}

function createRegion(): HTMLElement {
  const created = document.createElement("div");
  created.className = "sn-status-region";
  created.setAttribute("role", "status");
  created.setAttribute("aria-live", "polite");
  document.body.append(created);
  return created;
}
