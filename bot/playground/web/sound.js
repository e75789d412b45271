/** The sound of a message that comes, for whoever has switched it on. */

import { one } from "./dom.js";

const TONES = [
  { frequency: 880, after: 0 },
  { frequency: 1320, after: 0.12 },
]; // hertz, seconds
const LENGTH = 0.5; // seconds

const wanted = one("#sound", HTMLInputElement);
wanted.checked = sessionStorage.sound === "true";
wanted.onchange = () => {
  sessionStorage.sound = wanted.checked;
};

/** Two tones, if sound is wanted. */
export function ring() {
  if (!wanted.checked) return;
  const audio = new AudioContext();
  const gain = audio.createGain();
  gain.connect(audio.destination);
  gain.gain.setValueAtTime(0.15, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + LENGTH);
  for (const { frequency, after } of TONES) {
    const tone = audio.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(gain);
    tone.start(audio.currentTime + after);
    tone.stop(audio.currentTime + LENGTH);
  }
  setTimeout(() => audio.close(), 2 * LENGTH * 1000);
}
