/** Where the pointer is in the element that listens, in its own pixels: an enlarged page tells others. */
export function placeIn({ offsetX, offsetY, currentTarget }: PointerEvent): [number, number] {
  const zoom = (currentTarget as Element).currentCSSZoom || 1;
  return [offsetX / zoom, offsetY / zoom];
}
