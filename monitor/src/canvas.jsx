// Owns a canvas that is as large as its place and as sharp as the screen; drawn anew with every render.

import { useEffect, useRef, useState } from "preact/hooks";

/** `draw(context, width, height)` in CSS pixels. */
export function Canvas({ draw, height, ...rest }) {
  const canvas = useRef(null);
  const [size, setSize] = useState([0, 0]);
  useEffect(() => {
    const watching = new ResizeObserver(() => {
      const box = canvas.current.parentElement;
      setSize([box.clientWidth, height ?? box.clientHeight]);
    });
    watching.observe(canvas.current.parentElement);
    return () => watching.disconnect();
  }, [height]);
  useEffect(() => {
    const [wide, high] = size;
    if (!wide || !high) return;
    const sharp = window.devicePixelRatio || 1;
    const place = canvas.current;
    if (place.width !== Math.round(wide * sharp) || place.height !== Math.round(high * sharp)) {
      place.width = Math.round(wide * sharp);
      place.height = Math.round(high * sharp);
      place.style.width = `${wide}px`;
      place.style.height = `${high}px`;
    }
    const context = place.getContext("2d");
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.clearRect(0, 0, wide, high);
    draw(context, wide, high);
  });
  return <canvas ref={canvas} {...rest} />;
}
