// Sets the chosen theme before the first paint, so that a page never flashes.
(() => {
  const chosen = localStorage.getItem("galley-theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
})();
