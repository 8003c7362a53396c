"use strict";
window.addEventListener("load", () => {
  const place = document.getElementById("page");
  window.Redoc.init(place.dataset.url, { hideLoading: true, nativeScrollbars: true }, place);
});
