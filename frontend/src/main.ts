import "./styles/index.css";
import "./htmx";
import { ParkBuilding3d } from "./islands/building3d";
import { ParkMap } from "./islands/citymap";
import { ParkChart } from "./islands/chart";
import { ParkPalette } from "./islands/palette";
import { ParkPasskey } from "./islands/passkey";
import { ParkPicks } from "./islands/picks";
import { ParkRotation } from "./islands/rotation";
import { ParkRows } from "./islands/rows";
import { ParkSlider } from "./islands/slider";
import { ParkSwitcher } from "./islands/switcher";

customElements.define("park-building3d", ParkBuilding3d);
customElements.define("park-chart", ParkChart);
customElements.define("park-map", ParkMap);
customElements.define("park-palette", ParkPalette);
customElements.define("park-passkey", ParkPasskey);
customElements.define("park-picks", ParkPicks);
customElements.define("park-rotation", ParkRotation);
customElements.define("park-rows", ParkRows);
customElements.define("park-slider", ParkSlider);
customElements.define("park-switcher", ParkSwitcher);

// On a phone the tabs slide: the one that is open is brought into view.
for (const open of document.querySelectorAll<HTMLElement>(".tabs [aria-current]")) {
  const strip = open.parentElement;
  if (strip) strip.scrollLeft = open.offsetLeft - strip.offsetLeft - 12;
}
