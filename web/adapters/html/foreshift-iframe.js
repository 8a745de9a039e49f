// Gives every frame with the playground's `embed.html` the height that it says it needs. For the page around the frame.

addEventListener("message", ({ data, source }) => {
  if (data?.type !== "foreshift:height" || !(data.height > 0)) {
    return;
  }
  for (const frame of document.querySelectorAll("iframe")) {
    if (frame.contentWindow === source) {
      frame.height = Math.min(Math.ceil(data.height), 20_000);
    }
  }
});
