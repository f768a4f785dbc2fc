/** Own streams in the room: announced, announced again after a relay's restart, withdrawn. */

import { effect, type Signal, signal, untracked } from "@preact/signals-core";
import type { RenditionOffer, Session } from "../session/index.js";
import type { ColorSpace } from "../wire/index.js";
import { type Ability, knownAbility, measureAbility } from "./ability.js";
import { chooseCodec, decodedByAll } from "./codecs.js";
import type { OwnRendition, SoundSource, ToWorker, VideoShape, VideoSource } from "./messages.js";
import { renditionsOf, SOUND } from "./renditions.js";

const VIDEO_SOURCES: readonly VideoSource[] = ["camera", "screen"];

const isVideo = (source: string): source is VideoSource =>
  VIDEO_SOURCES.some((video) => video === source);
const isSound = (source: string): source is SoundSource => source in SOUND;

/** One source of pictures, as announced last. */
class Announced {
  shape: VideoShape | null = null;
  stream: string | null = null;
  renditions: readonly OwnRendition[] = [];
  /** Renditions that line and machine bear. */
  bearable = Number.POSITIVE_INFINITY;
  /** Changes with every announcement, so that an answer that comes late is recognised. */
  turn = 0;
}

/** Publishes what the devices give. */
export class Publishing {
  readonly #video: Readonly<Record<VideoSource, Announced>> = {
    camera: new Announced(),
    screen: new Announced(),
  };
  readonly #sound = new Map<SoundSource, string>();

  constructor(
    readonly session: Session,
    readonly post: (message: ToWorker) => void,
    readonly failed: (what: VideoSource | SoundSource, error: unknown) => void,
    ending: AbortSignal,
    /** What this machine can do; grows once it was measured. */
    readonly ability: Signal<Ability> = signal(knownAbility()),
  ) {
    measureAbility(ending, (measured) => {
      ability.value = measured;
    });
    session.on("demand", ({ renditions }) => post({ type: "demand", renditions }), {
      signal: ending,
    });
    session.on(
      "republish",
      ({ streams }) => {
        for (const { source } of streams) {
          if (isSound(source)) {
            post({ type: "lost", source });
            void this.sound(source);
          } else if (isVideo(source)) {
            post({ type: "lost", source });
            void this.#announce(source);
          }
        }
      },
      { signal: ending },
    );
    const dispose = effect(() => {
      for (const source of VIDEO_SOURCES) {
        const codec = this.#codec(source);
        untracked(() => {
          const used = this.#video[source].renditions[0]?.offer.codec;
          if (used !== undefined && used !== codec) void this.#announce(source);
        });
      }
    });
    ending.addEventListener("abort", dispose, { once: true });
  }

  /** Whether sound of this source is announced; a microphone stays so while it is muted. */
  has(source: SoundSource): boolean {
    return this.#sound.has(source);
  }

  /** The source's pictures look like this: announces or updates its renditions. */
  async video(source: VideoSource, shape: VideoShape): Promise<void> {
    this.#video[source].shape = shape;
    await this.#announce(source);
  }

  /** Line and machine bear only the first so many renditions, or more again. */
  async bearable(source: VideoSource, renditions: number): Promise<void> {
    const announced = this.#video[source];
    announced.bearable = renditions;
    if (announced.shape) await this.#announce(source);
  }

  /** The encoder wrote other colours than announced. */
  async colors(source: VideoSource, handle: number, colorSpace: ColorSpace): Promise<void> {
    const { shape, renditions } = this.#video[source];
    if (!shape || !renditions.some((rendition) => rendition.handle === handle)) return;
    await this.video(source, { ...shape, colorSpace });
  }

  /** The encoder failed with the source's codec: goes on with VP8; false if that was it. */
  withoutCodec(source: VideoSource): boolean {
    const codec = this.#video[source].renditions[0]?.offer.codec;
    const { encodes } = this.ability.peek();
    if (codec === undefined || !encodes[source].includes(codec)) return false;
    const others = encodes[source].filter((other) => other !== codec);
    this.ability.value = { ...this.ability.peek(), encodes: { ...encodes, [source]: others } };
    return true;
  }

  async videoOff(source: VideoSource): Promise<void> {
    const { stream } = this.#video[source];
    this.#forget(source);
    if (stream) await this.session.unpublish(stream).catch(() => {}); // gone with the session
  }

  /** Announces the source; false when that failed. */
  async sound(source: SoundSource): Promise<boolean> {
    try {
      const { stream, handles } = await this.session.publish(source, [SOUND[source]]);
      this.#sound.set(source, stream);
      const [handle] = handles;
      if (handle === undefined) return false;
      this.post({ type: "own-audio", source, stream, handle });
      this.post({ type: "demand", renditions: this.session.demandOf(stream) });
      return true;
    } catch (error) {
      this.failed(source, error);
      return false;
    }
  }

  async soundOff(source: SoundSource): Promise<void> {
    const stream = this.#sound.get(source);
    this.#sound.delete(source);
    if (stream) await this.session.unpublish(stream).catch(() => {}); // gone with the session
  }

  /** The meeting is over: nothing is announced any more. */
  forget(): void {
    for (const source of VIDEO_SOURCES) this.#forget(source);
    this.#sound.clear();
  }

  #forget(source: VideoSource): void {
    const announced = this.#video[source];
    announced.turn++;
    announced.shape = null;
    announced.stream = null;
    announced.renditions = [];
    announced.bearable = Number.POSITIVE_INFINITY;
  }

  #codec(source: VideoSource): string {
    const all = decodedByAll([...this.session.participants.value.values()]);
    return chooseCodec(this.ability.value.encodes[source], all);
  }

  #offers(source: VideoSource, { shape, bearable }: Announced): RenditionOffer[] {
    if (!shape) return [];
    const codec = untracked(() => this.#codec(source));
    const { lines } = this.ability.peek();
    return renditionsOf(source, shape, codec, lines).slice(0, Math.max(1, bearable));
  }

  async #announce(source: VideoSource): Promise<void> {
    const announced = this.#video[source];
    const offers = this.#offers(source, announced);
    if (offers.length === 0) return;
    const turn = ++announced.turn;
    try {
      const { stream, handles } = await this.session.publish(source, offers);
      if (announced.shape === null) {
        // Turned off while the answer was under way.
        await this.session.unpublish(stream).catch(() => {});
        return;
      }
      if (announced.turn !== turn) return; // a newer announcement is under way
      announced.stream = stream;
      announced.renditions = offers.flatMap((offer, index) => {
        const handle = handles[index];
        return handle === undefined ? [] : [{ handle, offer }];
      });
      this.post({ type: "own-video", source, stream, renditions: announced.renditions });
      this.post({ type: "demand", renditions: this.session.demandOf(stream) });
    } catch (error) {
      if (announced.turn === turn) this.failed(source, error);
    }
  }
}
