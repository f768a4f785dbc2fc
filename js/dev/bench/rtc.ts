/** The rival: a plain RTCPeerConnection between the same two pages, with the same camera and microphone. */

/** One side; descriptions are handed over by the bench, with all candidates in them. */
export class Rival {
  readonly #connection = new RTCPeerConnection();
  readonly video = document.createElement("video");

  constructor(host: HTMLElement, stream: MediaStream) {
    const all = new MediaStream();
    this.video.srcObject = all;
    this.video.style.cssText = "width:640px;height:360px";
    this.video.autoplay = true;
    // The sound has an element of its own: a muted video shows pictures as they come.
    this.video.muted = true;
    host.replaceChildren(this.video);
    for (const track of stream.getTracks()) this.#connection.addTrack(track, stream);
    this.#connection.ontrack = ({ track, streams }) => {
      if (track.kind === "video") {
        // Sound in the same stream would hold the pictures back for lip sync; measured with it.
        this.video.srcObject = streams[0] ?? new MediaStream([track]);
        void this.video.play();
      } else {
        const audio = document.createElement("audio");
        audio.srcObject = new MediaStream([track]);
        host.append(audio);
        void audio.play();
      }
    };
  }

  async offer(): Promise<string> {
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    return this.#described();
  }

  async answer(sdp: string): Promise<string> {
    await this.#connection.setRemoteDescription({ type: "offer", sdp });
    await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    return this.#described();
  }

  async accept(sdp: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: "answer", sdp });
  }

  /** What came in so far. */
  async inbound(): Promise<Record<string, Record<string, unknown>>> {
    const found: Record<string, Record<string, unknown>> = {};
    for (const [, report] of await this.#connection.getStats()) {
      if (report.type === "inbound-rtp") found[report.kind] = { ...report };
    }
    return found;
  }

  close(): void {
    this.#connection.close();
  }

  async #described(): Promise<string> {
    const connection = this.#connection;
    if (connection.iceGatheringState !== "complete") {
      await new Promise<void>((done) => {
        connection.onicegatheringstatechange = () => {
          if (connection.iceGatheringState === "complete") done();
        };
      });
    }
    return connection.localDescription?.sdp ?? "";
  }
}
