// Owns a line that a character can say: its words to the sidecar, its sound to the players, and what was made of it.
using UnityEngine;

namespace EmotionRuntime.Unity
{
    /// <summary>Call Speak from a button, a timeline or an animation event.</summary>
    [AddComponentMenu("Emotion Runtime/Emotion Utterance")]
    public sealed class EmotionUtterance : MonoBehaviour
    {
        [Tooltip("Empty: the one on this object or above it.")]
        [SerializeField] private EmotionCharacter speaker;
        [Tooltip("Whom it is said to. Empty: nobody in particular.")]
        [SerializeField] private EmotionCharacter listener;
        [TextArea]
        [SerializeField] private string text = "";
        [Tooltip("Played when it is said; may be empty.")]
        [SerializeField] private AudioClip clip;
        [SerializeField] private AudioSource voice;
        [Tooltip("What the speech service told of the clip, as JSON: moves the lips. Empty: the clip's length does.")]
        [SerializeField] private TextAsset timings;
        [Tooltip("azure, polly, elevenlabs, cartesia, rhubarb or plain.")]
        [SerializeField] private string timingsForm = "plain";
        [Tooltip("Name of the emotion that was heard.")]
        [SerializeField] private TextEvent heard = new TextEvent();

        private SidecarClient asked;
        private long number;

        /// <summary>What is to be said next.</summary>
        public string Text
        {
            get { return text; }
            set { text = value; }
        }

        public TextEvent Heard
        {
            get { return heard; }
        }

        /// <summary>Say it now. False when there is no sidecar to tell; the sound is played anyway.</summary>
        public bool Speak()
        {
            if (speaker == null)
            {
                speaker = GetComponentInParent<EmotionCharacter>();
            }
            if (voice != null && clip != null)
            {
                voice.PlayOneShot(clip);
            }
            EmotionSidecar sidecar = speaker == null ? null : speaker.Sidecar;
            if (sidecar == null || sidecar.Client == null || text.Length == 0)
            {
                return false;
            }
            Listen(sidecar.Client);
            var known = new Voice { Lasts = clip == null ? 0 : clip.length, TimingsForm = timingsForm };
            known.Timings = timings == null ? null : timings.text;
            number = speaker.Say(text, listener == null ? null : listener.Id, known);
            return number != 0;
        }

        private void OnDisable()
        {
            Listen(null);
        }

        private void Listen(SidecarClient client)
        {
            if (asked == client)
            {
                return;
            }
            if (asked != null)
            {
                asked.Perceived -= Take;
            }
            asked = client;
            if (asked != null)
            {
                asked.Perceived += Take;
            }
        }

        private void Take(Perception perception)
        {
            if (perception.Utterance == number && perception.Label.Length > 0)
            {
                heard.Invoke(perception.Label);
            }
        }
    }
}
