import "./styles/index.css";
import "./htmx";
import { ParkChart } from "./islands/chart";
import { ParkPalette } from "./islands/palette";
import { ParkPasskey } from "./islands/passkey";
import { ParkSwitcher } from "./islands/switcher";

customElements.define("park-chart", ParkChart);
customElements.define("park-palette", ParkPalette);
customElements.define("park-passkey", ParkPasskey);
customElements.define("park-switcher", ParkSwitcher);
