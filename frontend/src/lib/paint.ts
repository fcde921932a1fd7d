/** Colours of fills and tokens as the page has them, whatever way they are written in its style sheet. */
export function painter(host: HTMLElement): (name: string) => [number, number, number] {
  const known = new Map<string, [number, number, number]>();
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  return (name) => {
    let found = known.get(name);
    if (!found && pen) {
      const probe = host.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
      probe.setAttribute("class", `fill-${name}`);
      let color = getComputedStyle(probe).fill;
      probe.remove();
      // Hatched or not a fill at all: the token of that name, or the colour of what is out of use.
      if (color.startsWith("url") || color === "rgb(0, 0, 0)") {
        const token = host.appendChild(document.createElement("i"));
        token.style.color = `var(--${name === "vacant" ? "line-strong" : name})`;
        color = getComputedStyle(token).color;
        token.remove();
      }
      pen.fillStyle = color;
      pen.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0] = pen.getImageData(0, 0, 1, 1).data;
      // To linear light, in which the scene is lit.
      found = [r, g, b].map((v) => (v / 255) ** 2.2) as [number, number, number];
      known.set(name, found);
    }
    return found ?? [0, 0, 0];
  };
}
