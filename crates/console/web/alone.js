// What a page without the frame needs to send its form.

import { start } from "./actions.js";

start();
