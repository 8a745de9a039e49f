// The element, in browsers only: the site is built where there are none.

if (typeof document !== "undefined") {
  import("foreshift");
}
