/** Pixels of an image that the network takes, row by row. */
export const SIDE = 28;
/** Images of MNIST hold the digit in a box of this size, in the middle. */
const BOX = 20;

/** Grey values 0 to 1 of a white drawing on black, cut out and scaled as the images of MNIST are. */
export function pixelsOf(drawing) {
  const {width, height} = drawing;
  const {data} = drawing.getContext('2d').getImageData(0, 0, width, height);
  const inked = (x, y) => data[(y * width + x) * 4] > 40;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!inked(x, y)) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  if (right < 0) return null;
  const scale = BOX / Math.max(right - left, bottom - top);
  const [w, h] = [(right - left) * scale, (bottom - top) * scale];
  const small = new OffscreenCanvas(SIDE, SIDE).getContext('2d');
  small.imageSmoothingQuality = 'high';
  small.drawImage(drawing, left, top, right - left, bottom - top, (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  const scaled = small.getImageData(0, 0, SIDE, SIDE).data;
  return Float32Array.from({length: SIDE * SIDE}, (_, pixel) => scaled[pixel * 4] / 255);
}

/** Grey values 0 to 1 of a sample, whose bytes are in base64. */
export function pixelsOfSample({image}) {
  return Float32Array.from(atob(image), byte => byte.charCodeAt(0) / 255);
}

/** A small picture of grey values 0 to 1. */
export function pictureOf(pixels) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const image = new ImageData(SIDE, SIDE);
  pixels.forEach((value, pixel) => image.data.set([value * 255, value * 255, value * 255, 255], pixel * 4));
  canvas.getContext('2d').putImageData(image, 0, 0);
  return canvas;
}

/** Lets the pointer draw white lines on a canvas; calls `changed` after each stroke. */
export function drawOn(canvas, changed) {
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  Object.assign(pen, {lineWidth: 20, lineCap: 'round', lineJoin: 'round', strokeStyle: 'white'});
  canvas.addEventListener('pointerdown', ({offsetX, offsetY, pointerId}) => {
    canvas.setPointerCapture(pointerId);
    pen.beginPath();
    pen.moveTo(offsetX, offsetY);
  });
  canvas.addEventListener('pointermove', ({offsetX, offsetY, buttons}) => {
    if (buttons === 0) return;
    pen.lineTo(offsetX, offsetY);
    pen.stroke();
  });
  canvas.addEventListener('pointerup', changed);
}
