// Whether somebody can see a thing: what is large is loaded for those who look.

/** Resolves once an element is in view, or nearly. */
export function inView(element: Element): Promise<void> {
  return new Promise((resolve) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          observer.disconnect();
          resolve();
        }
      },
      { rootMargin: "200px" },
    );
    observer.observe(element);
  });
}
