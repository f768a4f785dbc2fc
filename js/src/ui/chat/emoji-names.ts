/**
 * Emoji by their short names, for writing: `:tada:` and the list that `:ta` opens.
 *
 * The names are those that people know from GitHub and Slack. Only the usual ones are here, to be
 * there at once; all the others come from a table that is loaded on demand.
 */

const USUAL = `
👍 +1 thumbsup|👎 -1 thumbsdown|👏 clap applause|❤️ heart love|😂 joy laugh|😮 open_mouth wow|🎉 tada party hooray
🤔 thinking hmm|👀 eyes look|🙂 slightly_smiling_face smile|😀 grinning happy|😄 smiley|😅 sweat_smile|😊 blush|😉 wink
😍 heart_eyes|😎 sunglasses cool|🥳 partying_face|😕 confused|😢 cry sad|😭 sob|😡 rage angry|😴 sleeping zzz
🤯 exploding_head mind_blown|🙈 see_no_evil|🙏 pray thanks please|💪 muscle strong|👋 wave hello bye|🤝 handshake deal
✌️ v victory|👌 ok_hand perfect|🙌 raised_hands|☝️ point_up|👉 point_right|👇 point_down|🫡 saluting_face salute
✅ white_check_mark check done|❌ x cross no|❓ question|❗ exclamation|⚠️ warning|💡 bulb idea|🔥 fire hot|✨ sparkles
📈 chart_with_upwards_trend up|📉 chart_with_downwards_trend down|📊 bar_chart|🧪 test_tube experiment|🔬 microscope
🐍 snake python|🐛 bug|💻 computer laptop|☕ coffee break|🚀 rocket ship|⭐ star|💯 100|🤷 shrug|🤦 facepalm
😬 grimacing|😱 scream|🙃 upside_down_face|🤗 hugs|😇 innocent|🤖 robot kernel|🎯 dart target|🏁 checkered_flag finish
⏰ alarm_clock|⏳ hourglass wait|📌 pushpin pin|📎 paperclip|📝 memo note|📚 books|🔗 link|🔒 lock|🔑 key|🔧 wrench fix
🧠 brain|🎓 mortar_board|🍕 pizza|🍰 cake|🎂 birthday|🌍 earth_africa world|☀️ sunny sun|🌧️ cloud_with_rain rain
💔 broken_heart|💙 blue_heart|💚 green_heart|🤞 crossed_fingers luck|👆 point_up_2|👈 point_left|✋ raised_hand hand|🆗 ok
`;

export interface EmojiName {
  readonly emoji: string;
  readonly name: string;
}

let table: readonly EmojiName[] | null = null;

function usual(): readonly EmojiName[] {
  return USUAL.trim()
    .split(/[|\n]/)
    .flatMap((entry) => {
      const [emoji = "", ...names] = entry.split(" ");
      return names.map((name) => ({ emoji, name }));
    });
}

function names(): readonly EmojiName[] {
  table ??= usual();
  return table;
}

/** Takes further names, of a table that was loaded; those known already stay first. */
export function learn(more: Readonly<Record<string, string>>): void {
  const known = new Set(names().map(({ name }) => name));
  const added = Object.entries(more)
    .filter(([name]) => !known.has(name))
    .map(([name, emoji]) => ({ emoji, name }));
  table = [...names(), ...added];
}

/** The emoji of that very name; undefined: there is none. */
export function emojiNamed(name: string): string | undefined {
  return names().find((one) => one.name === name)?.emoji;
}

/** Emoji whose names begin with `query` or have it in them, each once. */
export function emojiFitting(query: string, most: number): readonly EmojiName[] {
  const wanted = query.toLowerCase();
  const seen = new Set<string>();
  const begin = names().filter(({ name }) => name.startsWith(wanted));
  const within = names().filter(({ name }) => name.includes(`_${wanted}`));
  return [...begin, ...within]
    .filter(({ emoji }) => !seen.has(emoji) && seen.add(emoji))
    .slice(0, most);
}
