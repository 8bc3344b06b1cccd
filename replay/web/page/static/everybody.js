
// --- everybody: a job on its way, and the thumb of a sweep ----------------------------------------
{
  const waiting = document.querySelector("main[data-job]");
  if (waiting) {
    const bar = waiting.querySelector("progress");
    const news = new EventSource(waiting.dataset.job);
    const again = () => { news.close(); location.reload(); };
    news.addEventListener("progress", (event) => {
      const { done, total } = JSON.parse(event.data);
      bar.max = Math.max(total, done, 1);
      bar.value = done;
    });
    news.addEventListener("done", again);
    news.addEventListener("error", () => { if (news.readyState === EventSource.CLOSED) again(); });
  }
  const thumb = document.querySelector("input.sweep");
  if (thumb) {
    const points = JSON.parse(thumb.dataset.points);
    const said = document.querySelector("label[for=sweep] output");
    const dots = document.querySelectorAll("figure:has(+ .sweeper) .picture");
    const show = () => {
      said.textContent = points[thumb.value].value;
      thumb.setAttribute("aria-valuetext", points[thumb.value].value);
      for (const picture of dots) {
        [...picture.querySelectorAll(".dot")].forEach((dot, n) =>
          dot.classList.toggle("chosen", n % points.length === Number(thumb.value)));
      }
    };
    thumb.addEventListener("input", show);
    thumb.addEventListener("change", () => { location.href = points[thumb.value].url; });
    show();
  }
}
