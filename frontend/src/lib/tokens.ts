/** A token's colour in the theme in force as `rgb(…)`, whatever way the style sheet writes it: drawing libraries read no others. */
export function tokenColor(host: HTMLElement, name: string): string {
  const probe = host.appendChild(document.createElement("i"));
  probe.style.color = `var(--${name})`;
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const written = getComputedStyle(probe).color;
  probe.remove();
  if (!pen) return written;
  pen.fillStyle = written;
  pen.fillRect(0, 0, 1, 1);
  return `rgb(${[...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).join(",")})`;
}
