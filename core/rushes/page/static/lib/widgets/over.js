/** What lies over the page: dialogs, questions, toasts. `Over` is their place, once, in the shell. */

import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "./icon.js";

const TOAST_MS = 6_000;
const UNDO_MS = 10_000;

let toasts = [];
let questions = [];
let count = 0;
let changed = () => {};

/** A line that goes by itself; `undo` is a function (offered as "Undo"), `bad` an error, which stays longer. The newest word stands
 *  alone, what went wrong beside it: a pile would hide what a person works on. */
export function toast(text, { undo = null, bad = false } = {}) {
  const id = (count += 1);
  toasts = [...toasts.filter((each) => each.bad && each.text !== text), { id, text, undo, bad }].slice(-3);
  changed();
  setTimeout(() => forget(id), undo || bad ? UNDO_MS : TOAST_MS);
}

/** What was told of what went before is over: something else begins. */
export function hush() {
  toasts = toasts.filter((each) => each.bad);
  changed();
}

/** Whether a person says yes. `yes` names what then happens ("Disconnect"), `danger` that it is hard to take back. */
export function confirm(text, { yes = "Yes", no = "Cancel", title = "", danger = false } = {}) {
  return new Promise((resolve) => {
    questions = [...questions, { id: (count += 1), text, yes, no, title, danger, resolve }];
    changed();
  });
}

/** A dialog: modal, closed by Escape; the focus is kept in it and goes back where it was. `onClose` asks to close it. */
export function Dialog({ title, onClose, children, wide = false }) {
  const element = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    const dialog = element.current;
    if (!dialog.open) dialog.showModal();
    return () => {
      dialog.close();
      before?.focus?.({ preventScroll: true });
    };
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  return html`<dialog ref=${element} class=${wide ? "dialog wide" : "dialog"} aria-label=${title} onCancel=${cancel}
    onClick=${(event) => event.target === element.current && onClose?.()}>
    <div class="dialog-inner stack"><h2>${title}</h2>${children}</div>
  </dialog>`;
}

/** The place of all that lies over the page. */
export function Over() {
  const [, setTurn] = useState(0);
  useEffect(() => {
    changed = () => setTurn((turn) => turn + 1);
    changed();
    return () => (changed = () => {});
  }, []);
  const question = questions[0];
  return html`<div class="toasts" role="status" aria-live="polite">${toasts.map(
      (each) => html`<div key=${each.id} class=${each.bad ? "toast bad" : "toast"}>
        <${Icon} name=${each.bad ? "attention" : "check"} size="20" /><span>${each.text}</span>
        ${each.undo && html`<button type="button" class="button quiet" onClick=${() => undone(each)}>Undo</button>`}
        <button type="button" class="button quiet alone" aria-label="Close" onClick=${() => forget(each.id)}>
          <${Icon} name="cross" size="18" /></button></div>`,
    )}</div>
    ${question && html`<${Question} key=${question.id} question=${question} />`}`;
}

function Question({ question }) {
  const answer = (yes) => {
    questions = questions.filter((each) => each !== question);
    changed();
    question.resolve(yes);
  };
  return html`<${Dialog} title=${question.title || `${question.yes}?`} onClose=${() => answer(false)}>
    <p>${question.text}</p>
    <div class="row end">
      <button type="button" class="button" onClick=${() => answer(false)}>${question.no}</button>
      <button type="button" class=${`button ${question.danger ? "danger" : "primary"}`}
        onClick=${() => answer(true)}>${question.yes}</button>
    </div>
  <//>`;
}

function undone(each) {
  forget(each.id);
  Promise.resolve(each.undo()).catch((error) => toast(error.message, { bad: true }));
}

function forget(id) {
  toasts = toasts.filter((each) => each.id !== id);
  changed();
}
