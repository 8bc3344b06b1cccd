// What moves on a page: marks of a picture, two times, panels. Without it forms and links do the same.
const SHIFT = 50; // one press of an arrow is so many parts of the picture's time

document.documentElement.classList.add("script");
const says = document.createElement("p");
says.setAttribute("role", "status");
document.body.append(says);

const main = () => document.querySelector("main");
const here = () => new URL(location.href);

// Another state of the same page: what changed is put in place, and the URL carries it.
let asked = 0; // whoever asks again meanwhile wants the later answer alone
async function go(url, { push = true } = {}) {
  const mine = ++asked;
  main().classList.add("busy");
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked) return;
  if (!answer.ok) {
    main().classList.remove("busy");
    const said = page.querySelector("main .second");
    says.textContent = said ? said.textContent : answer.statusText;
    notice(says.textContent);
    return;
  }
  if (push) history.pushState(null, "", answer.url);
  const opened = new Set([...document.querySelectorAll("details[open]")].map(titleOf));
  for (const part of ["header.head", "main"]) {
    const old = document.querySelector(part), fresh = page.querySelector(part);
    if (old && fresh) old.replaceWith(fresh);
  }
  for (const each of document.querySelectorAll("details")) {
    if (opened.has(titleOf(each))) each.open = true;
  }
  document.querySelector(".fact")?.remove();
  says.textContent = document.querySelector("h1")?.textContent ?? "";
  dress();
}

const titleOf = (details) => details.querySelector("summary")?.textContent ?? "";

function notice(text) {
  document.querySelector(".notice")?.remove();
  const line = document.createElement("p");
  line.className = "notice stopped";
  line.setAttribute("role", "alert");
  line.textContent = text;
  main().prepend(line);
}

// One more step, by the same way as the forms.
function suppose(fields) {
  const now = here(), creator = main().dataset.creator;
  const next = new URL(`/creators/${encodeURIComponent(creator)}/suppose`, now);
  for (const key of ["scenario", "as_of", "known_at"]) {
    if (now.searchParams.get(key)) next.searchParams.set(key, now.searchParams.get(key));
  }
  for (const [key, value] of Object.entries(fields)) next.searchParams.set(key, value);
  return go(next);
}

// --- marks -------------------------------------------------------------------------------------

const micros = (at) => Number(BigInt(at) / 1000n); // milliseconds are enough for a hand

const inside = (svg, event) =>
  new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x;

// An instant to the minute, on the clocks of the rules.
function written(time) {
  const minute = Math.round(time / 60000) * 60000;
  const offset = document.querySelector(".slider")?.dataset.first.slice(-6) ?? "+00:00";
  const [hours, minutes] = offset.slice(1).split(":").map(Number);
  const ahead = (offset[0] === "-" ? -1 : 1) * (hours * 60 + minutes) * 60000;
  return new Date(minute + ahead).toISOString().slice(0, 19) + offset;
}

const moved = (mark, time) => suppose({ kind: "move", event: mark.dataset.event, to: written(time) });

function drag(event) {
  const mark = event.target.closest?.("a[data-event]");
  if (!mark || event.button) return;
  event.preventDefault();
  mark.focus();
  const svg = mark.ownerSVGElement, from = inside(svg, event);
  let by = 0;
  mark.setPointerCapture(event.pointerId);
  const move = (e) => {
    by = inside(svg, e) - from;
    mark.classList.add("dragged");
    mark.setAttribute("transform", `translate(${by},0)`);
  };
  const drop = () => {
    mark.removeEventListener("pointermove", move);
    mark.removeEventListener("pointerup", drop);
    mark.removeEventListener("pointercancel", drop);
    mark.classList.remove("dragged");
    mark.removeAttribute("transform");
    if (Math.abs(by) < 3) return show(mark);
    const { since, until, left, right } = svg.dataset;
    const length = (by / (right - left)) * (micros(until) - micros(since));
    moved(mark, micros(mark.dataset.at) + length);
  };
  mark.addEventListener("pointermove", move);
  mark.addEventListener("pointerup", drop);
  mark.addEventListener("pointercancel", drop);
}

function press(event) {
  const mark = event.target.closest?.("a[data-event]");
  if (!mark) return;
  const { since, until } = mark.ownerSVGElement.dataset;
  const step = (micros(until) - micros(since)) / SHIFT;
  const sign = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (sign) {
    event.preventDefault();
    moved(mark, micros(mark.dataset.at) + sign * step);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    suppose({ kind: "drop", event: mark.dataset.event });
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    show(mark);
  }
}

// A fact: its ruling, what was asked, the clauses.
async function show(mark) {
  const position = mark.getAttribute("href").slice(2);
  const url = new URL(`/creators/${encodeURIComponent(main().dataset.creator)}/facts/${position}`, here());
  for (const key of ["as_of", "known_at", "lang"]) {
    if (here().searchParams.get(key)) url.searchParams.set(key, here().searchParams.get(key));
  }
  const answer = await fetch(url);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector(".fact")?.remove();
  const panel = page.querySelector(".fact");
  main().after(panel);
  const close = panel.querySelector(".close");
  close.addEventListener("click", () => { panel.remove(); mark.focus(); });
  panel.addEventListener("keydown", (e) => { if (e.key === "Escape") close.click(); });
  close.focus();
}

// --- forms -------------------------------------------------------------------------------------

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches(".tools form.panel")) {
    event.preventDefault();
    const url = new URL(form.action);
    url.search = new URLSearchParams(new FormData(form));
    const out = form.querySelector("output");
    out.textContent = "…";
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const said = page.querySelector(answer.ok ? ".lines" : ".second");
    out.replaceChildren(said ?? answer.statusText);
  } else if (form.matches(".tools form")) {
    event.preventDefault();
    const url = new URL(form.getAttribute("action") ?? location.pathname, here());
    const fields = new URLSearchParams(new FormData(form));
    for (const [key, value] of [...fields]) if (!value) fields.delete(key);
    url.search = fields;
    go(url);
  }
});

// Two times as sliders; the whole of one is from the first fact until now.
function sliders() {
  for (const slider of document.querySelectorAll(".slider")) {
    const field = document.getElementById(slider.dataset.of);
    const first = Date.parse(slider.dataset.first), last = Date.parse(slider.dataset.last);
    if (field.value && !Number.isNaN(Date.parse(field.value))) {
      slider.value = Math.round(((Date.parse(field.value) - first) / (last - first)) * 1000);
    }
    slider.addEventListener("input", () => {
      const share = slider.value / 1000;
      field.value = share === 1 ? "" : written(first + share * (last - first));
    });
    slider.addEventListener("change", () => slider.form.requestSubmit());
  }
}

// --- live --------------------------------------------------------------------------------------

let stream;
function follow() {
  stream?.close();
  const { creator, position, live } = main()?.dataset ?? {};
  if (!creator || !live) return;
  const url = `/api/v1/creators/${encodeURIComponent(creator)}/events?after=${position}`;
  stream = new EventSource(url);
  stream.addEventListener("fact", () => go(here(), { push: false }));
}

function dress() {
  sliders();
  follow();
}

document.addEventListener("pointerdown", drag);
document.addEventListener("keydown", press);
document.addEventListener("click", (event) => {
  if (event.target.closest?.("a[data-event]")) event.preventDefault();
});
addEventListener("popstate", () => go(here(), { push: false }));
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("main details")) each.open = true;
});
dress();
