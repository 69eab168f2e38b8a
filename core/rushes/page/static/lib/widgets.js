/** Everything a view is made of. */

export { Button } from "./widgets/button.js";
export { Bar, Mark, Moment, stateWord, Timecode } from "./widgets/facts.js";
export { Search, Select } from "./widgets/fields.js";
export { Icon } from "./widgets/icon.js";
export { Empty, Failure, Page } from "./widgets/page.js";
export { usePaging } from "./widgets/paging.js";
export { Dialog, confirm, hush, toast } from "./widgets/over.js";
