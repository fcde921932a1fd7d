import "./styles/index.css";
import "./htmx";
import { ParkChart } from "./islands/chart";
import { ParkPalette } from "./islands/palette";
import { ParkPasskey } from "./islands/passkey";
import { ParkRows } from "./islands/rows";
import { ParkSwitcher } from "./islands/switcher";

customElements.define("park-chart", ParkChart);
customElements.define("park-palette", ParkPalette);
customElements.define("park-passkey", ParkPasskey);
customElements.define("park-rows", ParkRows);
customElements.define("park-switcher", ParkSwitcher);
