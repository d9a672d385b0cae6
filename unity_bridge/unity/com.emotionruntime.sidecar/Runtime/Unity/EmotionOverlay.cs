// Owns the debug overlay: bars over heads, the action and why, and how the connection stands.
using UnityEngine;

namespace EmotionRuntime.Unity
{
    /// <summary>Drawn with OnGUI, so that it needs nothing else in the scene. Not for the finished game.</summary>
    [AddComponentMenu("Emotion Runtime/Emotion Overlay")]
    public sealed class EmotionOverlay : MonoBehaviour
    {
        private const float RowHeight = 14f;
        private const float LabelWidth = 62f;

        [SerializeField] private bool visible = true;
        [Tooltip("Empty: the main camera.")]
        [SerializeField] private Camera view;
        [Tooltip("Metres above a character's origin.")]
        [SerializeField] private float headHeight = 2f;
        [SerializeField] private float barWidth = 80f;
        [Tooltip("Emotions below this are not drawn.")]
        [Range(0f, 1f)]
        [SerializeField] private float threshold = 0.15f;
        [SerializeField] private bool showWhy = true;

        public bool Visible
        {
            get { return visible; }
            set { visible = value; }
        }

        private void OnGUI()
        {
            EmotionSidecar sidecar = EmotionSidecar.Instance;
            if (!visible || sidecar == null)
            {
                return;
            }
            GUI.color = Color.white;
            GUI.Label(new Rect(8f, 8f, Screen.width - 16f, 2f * RowHeight), "emotion-runtime " + sidecar.StatusText);
            Camera camera = view != null ? view : Camera.main;
            if (camera == null)
            {
                return;
            }
            foreach (EmotionCharacter each in sidecar.Characters)
            {
                Vector3 head = each.transform.position + new Vector3(0f, headHeight, 0f);
                Vector3 screen = camera.WorldToScreenPoint(head);
                if (screen.z > 0f && each.Roster != null)
                {
                    // The screen's origin is below, the GUI's above.
                    Draw(each, screen.x, Screen.height - screen.y);
                }
            }
        }

        private void Draw(EmotionCharacter character, float x, float bottom)
        {
            float left = x - 0.5f * (LabelWidth + barWidth);
            float y = bottom - RowHeight;
            ActionStart action = character.CurrentAction;
            string[] labels = character.Roster.Labels;
            for (int i = labels.Length - 1; i >= 0; i--)
            {
                float value = i < character.Emotions.Length ? character.Emotions[i] * character.Presence : 0f;
                if (value < threshold)
                {
                    continue;
                }
                GUI.color = Color.white;
                GUI.Label(new Rect(left, y - 3f, LabelWidth, RowHeight + 6f), labels[i]);
                GUI.color = ColorOf(labels[i]);
                GUI.DrawTexture(new Rect(left + LabelWidth, y, barWidth * value, RowHeight - 3f), Texture2D.whiteTexture);
                y -= RowHeight;
            }
            GUI.color = Color.white;
            string doing = action == null ? "" : action.Rule + (action.Bearers.Length > 0 ? " " + action.Bearers[0] : "");
            GUI.Label(new Rect(left, y - 3f, 3f * barWidth, RowHeight + 6f), character.Id + " " + doing);
            if (showWhy && action != null && action.Why.Length > 0)
            {
                GUI.Label(new Rect(left, y - 3f - RowHeight, 4f * barWidth, RowHeight + 6f), action.Why);
            }
        }

        /// <summary>A colour for an emotion, the same everywhere in this package; grey for names of one's own.</summary>
        public static Color ColorOf(string label)
        {
            switch (label)
            {
                case "anger":
                    return new Color(0.85f, 0.2f, 0.15f);
                case "disgust":
                    return new Color(0.45f, 0.6f, 0.2f);
                case "fear":
                    return new Color(0.55f, 0.35f, 0.75f);
                case "joy":
                    return new Color(0.95f, 0.8f, 0.2f);
                case "sadness":
                    return new Color(0.3f, 0.5f, 0.85f);
                case "surprise":
                    return new Color(0.95f, 0.55f, 0.2f);
                default:
                    return new Color(0.6f, 0.6f, 0.6f);
            }
        }
    }
}
