/** Plays a sound for a new message, if the user has switched it on. */

import { one } from "./dom.js";

const TONES = [
  { frequency: 880, after: 0 },
  { frequency: 1320, after: 0.12 },
]; // `frequency` is in hertz, `after` in seconds from the start
const LENGTH = 0.5; // seconds

const soundSwitch = one("#sound", HTMLInputElement);
soundSwitch.checked = sessionStorage.sound === "true";
soundSwitch.onchange = () => {
  sessionStorage.sound = soundSwitch.checked;
};

/** Play two tones if the sound is switched on. */
export function ring() {
  if (!soundSwitch.checked) return;
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
