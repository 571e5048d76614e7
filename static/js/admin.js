// Names and roles that the scripts of Django's admin leave out of what they write into its forms.
(() => {
  const nameOf = (select) => select?.labels[0]?.textContent.trim().replace(/[:：]$/, "");
  const mend = () => {
    for (const icon of document.querySelectorAll(".selector-filter .search-label-icon:not([role])")) {
      icon.setAttribute("role", "img");
    }
    // The field that searches stands behind its select or, while one choice is open, at the end of the page.
    const open = document.querySelector("select + .select2-container--open");
    for (const field of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
      const of = field.closest(".select2-container").previousElementSibling;
      const name = nameOf(of?.matches("select") ? of : open?.previousElementSibling);
      if (name) field.setAttribute("aria-label", name);
    }
    for (const part of document.querySelectorAll("ul.select2-selection__rendered > :not(li, [role])")) {
      part.setAttribute("role", "listitem");
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(mend).observe(document.body, {childList: true, subtree: true});
    mend();
  });
})();
