/** Pictures, videos and audio players in messages. Each file is fetched only once, even if it is shown often. */

/**
 * @import {Media, Message} from "./changes.js"
 * @typedef {HTMLElement & {audio: HTMLAudioElement, start: () => void}} Player
 */

import { icon, make } from "./dom.js";
import { toast } from "./toasts.js";

/** @type {Record<string, (media: Media, message: Message) => HTMLElement>} */
const ELEMENTS = {
  photo: picture,
  sticker: picture,
  animation: loop,
  video: loop,
  voice: player,
  audio: player,
};

/** @type {Map<string, Promise<string>>} the object URL of each file, by the file_id */
const files = new Map();
/** @type {HTMLAudioElement | null} */
let playing = null;

/**
 * Return whether the media fill the whole width of the bubble.
 * @param {Media | null} media
 */
export function isFilling(media) {
  return media !== null && ["photo", "animation", "video", "sticker"].includes(media.kind);
}

/**
 * Return the element for a message's media. `old` is the message's element on the page, before an edit. If `old` shows
 * the same file, its media element is used again, so that an edit of the text does not restart an animation.
 * @param {Media} media
 * @param {Message} message
 * @param {HTMLElement | null} old
 */
export function medium(media, message, old) {
  const current = old && shownFile(old);
  if (current && current.dataset.file === media.file_id) return current;
  const node = ELEMENTS[media.kind]?.(media, message) ?? make("div", {}, `📄 ${media.name || "file"}`);
  node.dataset.file = media.file_id;
  return node;
}

/**
 * Return the media element in a message on the page, or null if the message has none.
 * @param {HTMLElement} node
 * @returns {HTMLElement | null}
 */
export function shownFile(node) {
  return node.querySelector("[data-file]");
}

/** Stop the audio that is playing. */
export function stopPlaying() {
  playing?.pause();
}

/**
 * Stop the player in a message that is about to be removed.
 * @param {HTMLElement} node
 */
export function stopWithin(node) {
  players(".player", node)[0]?.audio.pause();
}

/**
 * @param {string} selector
 * @param {ParentNode} within
 * @returns {Player[]}
 */
function players(selector, within) {
  return [...within.querySelectorAll(selector)].map((node) => /** @type {Player} */ (node));
}

/**
 * Return an object URL for the file. Fetch the file if this has not been done yet.
 * @param {Media} media
 */
function source({ file_id }) {
  const found = files.get(file_id) ?? fetchFile(file_id);
  files.set(file_id, found);
  return found;
}

/** @param {string} fileId */
async function fetchFile(fileId) {
  const reply = await fetch(`/media/${fileId}`);
  if (!reply.ok) files.delete(fileId);
  return URL.createObjectURL(await reply.blob());
}

/**
 * Reserve space for the picture or video on the page. Show it as soon as its file has been fetched.
 * @template {HTMLImageElement | HTMLVideoElement} T
 * @param {T} node
 * @param {Media} media
 */
function sized(node, media) {
  if (media.width) node.style.aspectRatio = `${media.width} / ${media.height}`;
  source(media).then((url) => {
    node.src = url;
  });
  return node;
}

/**
 * @param {Media} media
 * @param {Message} message
 */
function picture(media, { text }) {
  return sized(make("img", { alt: text ? "" : "Picture", draggable: false }), media);
}

/** @param {Media} media */
function loop(media) {
  const isVideo = media.kind === "video";
  const video = { autoplay: !isVideo, loop: true, muted: true, playsInline: true, controls: isVideo };
  return sized(make("video", video), media);
}

/** @param {Media} media */
function player(media) {
  const name = media.kind === "voice" ? "voice note" : media.title || media.name || "track";
  const audio = new Audio();
  const play = make("button", { type: "button" });
  const line = make("input", { type: "range", min: "0", step: "0.1", ariaLabel: `Position in ${name}` });
  const left = make("small");
  const title = media.kind === "audio" ? make("b", {}, name) : null;
  const by = media.performer ? make("small", {}, media.performer) : null;
  const box = make("div", { className: "player" }, play, make("div", {}, title, by, line, left));
  const node = Object.assign(box, { audio, start: () => start(audio) });
  if (media.kind === "voice") makeVoiceNote(node, line);
  showPosition(audio, line, left, media.duration);
  connectButton(audio, play, name);
  source(media).then((url) => {
    audio.src = url;
  });
  return node;
}

/** @param {HTMLAudioElement} audio */
function start(audio) {
  audio.play().catch(() => toast("That cannot be played here."));
}

/**
 * Make the slider and the remaining time show the position in the audio. Moving the slider changes the position.
 * @param {HTMLAudioElement} audio
 * @param {HTMLInputElement} line
 * @param {HTMLElement} left
 * @param {number} duration used until the file has been loaded, in seconds
 */
function showPosition(audio, line, left, duration) {
  const show = () => {
    line.value = String(audio.currentTime);
    line.style.setProperty("--done", `${(Number(line.value) / Number(line.max)) * 100}%`);
    left.textContent = inMinutes((audio.duration || duration) - audio.currentTime);
  };
  line.max = String(duration || 1);
  line.value = "0";
  left.textContent = inMinutes(duration);
  line.oninput = () => {
    audio.currentTime = Number(line.value);
  };
  audio.onloadedmetadata = () => {
    line.max = String(audio.duration);
    show();
  };
  audio.ontimeupdate = show;
}

/**
 * Make the button play and pause the audio. Only one audio plays at a time: starting it stops any other.
 * @param {HTMLAudioElement} audio
 * @param {HTMLElement} play
 * @param {string} name
 */
function connectButton(audio, play, name) {
  const show = () => {
    play.replaceChildren(icon(audio.paused ? "play" : "pause"));
    play.ariaLabel = `${audio.paused ? "Play" : "Pause"} ${name}`;
  };
  play.onclick = () => (audio.paused ? start(audio) : audio.pause());
  audio.onplay = () => {
    if (playing !== audio) stopPlaying();
    playing = audio;
    show();
  };
  audio.onpause = () => {
    if (playing === audio) playing = null;
    show();
  };
  audio.onended = () => {
    audio.currentTime = 0;
  };
  show();
}

/**
 * Turn a player into a player of voice notes. It shows a wave. When the voice note ends, the next one starts, as in
 * Telegram.
 * @param {Player} node
 * @param {HTMLElement} line
 */
function makeVoiceNote(node, line) {
  node.classList.add("note");
  line.className = "wave";
  node.audio.addEventListener("ended", () => {
    const notes = players(".note", document);
    if (node.isConnected) notes[notes.indexOf(node) + 1]?.start();
  });
}

/**
 * Return a duration as minutes and seconds, such as "1:05".
 * @param {number} seconds
 */
function inMinutes(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
