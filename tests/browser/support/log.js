// What a reader sees of a log.

/** The rows in sight, in order: `{n, text, classes}`. */
export function rows(page) {
  return page.evaluate(() => {
    const view = document.querySelector(".log-view");
    const box = view.getBoundingClientRect();
    return [...view.querySelectorAll(".ln")]
      .filter((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return bottom > box.top + 1 && top < box.bottom - 1;
      })
      .map((row) => ({ n: Number(row.dataset.n), text: row.querySelector(".tx").textContent, classes: row.className }));
  });
}

/** Waits until a row in sight fits. */
export function rowWith(page, text) {
  return page.waitForFunction((wanted) => {
    const view = document.querySelector(".log-view");
    if (!view) return false;
    const box = view.getBoundingClientRect();
    return [...view.querySelectorAll(".ln")].some((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > box.top + 1 && top < box.bottom - 1 && row.querySelector(".tx").textContent.includes(wanted);
    });
  }, text);
}

export const status = (page, key) => page.waitForSelector(`[data-live="head"][data-status="${key}"]`, { timeout: 120_000 });
