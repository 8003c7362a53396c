"use strict";
window.addEventListener("load", () => {
  const place = document.getElementById("page");
  window.SwaggerUIBundle({
    url: place.dataset.url,
    domNode: place,
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: "list",
    presets: [window.SwaggerUIBundle.presets.apis],
    validatorUrl: null,
  });
});
