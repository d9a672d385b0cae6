// Owns one character as the game sees it: its emotions, mood and action, and the reports of what came of the action.
using System;
using UnityEngine;
using UnityEngine.Events;

namespace EmotionRuntime.Unity
{
    /// <summary>The behavior rule, and whom or why.</summary>
    [Serializable]
    public sealed class ActionEvent : UnityEvent<string, string>
    {
    }

    /// <summary>Give it the id that the scene file has for the character.</summary>
    [AddComponentMenu("Emotion Runtime/Emotion Character")]
    [DisallowMultipleComponent]
    public sealed class EmotionCharacter : MonoBehaviour
    {
        private const float MovedMetres = 0.01f;

        [Tooltip("As in the scene file.")]
        [SerializeField] private string id = "";
        [Tooltip("Tell the sidecar where this character stands.")]
        [SerializeField] private bool reportPosition = true;
        [Tooltip("Report success by itself when an action has lasted as long as the scene says.")]
        [SerializeField] private bool succeedWhenItHasLasted = true;
        [Tooltip("Empty: the scene's only sidecar.")]
        [SerializeField] private EmotionSidecar sidecar;

        [Tooltip("Rule and first bearer.")]
        [SerializeField] private ActionEvent actionStarted = new ActionEvent();
        [Tooltip("Rule and reason, such as success or trigger_lost.")]
        [SerializeField] private ActionEvent actionStopped = new ActionEvent();
        [Tooltip("Name of the emotion that is now the strongest.")]
        [SerializeField] private TextEvent feelingChanged = new TextEvent();

        private EmotionSidecar registered;
        private float[] emotions = new float[0];
        private float[] face = new float[0];
        private Vector3 reported;
        private bool everReported;
        private float acting;

        /// <summary>In code: the action with its target, parameters and reason.</summary>
        public event Action<ActionStart> Started;

        public event Action<ActionStop> Stopped;

        /// <summary>As in the scene file.</summary>
        public string Id
        {
            get { return id; }
            set { Rename(value); }
        }

        public EmotionSidecar Sidecar
        {
            get { return sidecar != null ? sidecar : EmotionSidecar.Instance; }
        }

        /// <summary>What columns mean; null before the first snapshot.</summary>
        public Roster Roster { get; private set; }

        /// <summary>Rises with every state and every new world.</summary>
        public int Version { get; private set; }

        /// <summary>One value a label of the roster, in (0, 1); empty before the first frame.</summary>
        public float[] Emotions
        {
            get { return emotions; }
        }

        /// <summary>One weight a shape of the roster, in 0..1; empty when no faces are streamed.</summary>
        public float[] Face
        {
            get { return face; }
        }

        /// <summary>Pleasure, arousal, dominance, each in -1..1.</summary>
        public Vector3 Mood { get; private set; }

        /// <summary>Names of the weights in Face.</summary>
        public string[] FaceShapes { get; private set; } = new string[0];

        /// <summary>Name of the strongest emotion; empty before the first frame.</summary>
        public string Feeling { get; private set; } = "";

        /// <summary>The action to be played now; null when there is none.</summary>
        public ActionStart CurrentAction { get; private set; }

        /// <summary>Falls to 0 when the frames stop: multiply what is shown by it.</summary>
        public float Presence
        {
            get { return registered == null ? 0 : registered.Presence; }
        }

        public ActionEvent ActionStarted
        {
            get { return actionStarted; }
        }

        public ActionEvent ActionStopped
        {
            get { return actionStopped; }
        }

        public TextEvent FeelingChanged
        {
            get { return feelingChanged; }
        }

        /// <summary>Strength of an emotion, such as "joy", in 0..1; 0 for one the scene does not have.</summary>
        public float Emotion(string label)
        {
            int column = Roster == null ? -1 : Roster.LabelOf(label);
            return column < 0 || column >= emotions.Length ? 0 : emotions[column];
        }

        /// <summary>The current action was played to its end.</summary>
        public void ReportSuccess()
        {
            if (CurrentAction != null && registered != null && registered.Client != null)
            {
                registered.Client.Succeed(CurrentAction.Action);
                acting = float.NegativeInfinity;
            }
        }

        /// <summary>The current action could not be played: the way is blocked, the target is gone.</summary>
        public void ReportFailure(string detail)
        {
            if (CurrentAction != null && registered != null && registered.Client != null)
            {
                registered.Client.Fail(CurrentAction.Action, detail ?? "");
                acting = float.NegativeInfinity;
            }
        }

        /// <summary>This character says something; returns the number its perception carries, or 0.</summary>
        /// <param name="to">Id of a character, or null.</param>
        /// <param name="voice">What moves the lips better than the words can, or null.</param>
        public long Say(string text, string to = null, Voice voice = null)
        {
            SidecarClient client = registered == null ? null : registered.Client;
            return client == null ? 0 : client.Say(id, text, to, "", null, voice);
        }

        internal void Begin(ActionStart start)
        {
            CurrentAction = start;
            acting = (float)start.Elapsed;
            string bearer = start.Bearers.Length > 0 ? start.Bearers[0] : "";
            Started?.Invoke(start);
            actionStarted.Invoke(start.Rule, bearer);
        }

        internal void End(ActionStop stop)
        {
            if (CurrentAction != null && CurrentAction.Action == stop.Action)
            {
                CurrentAction = null;
            }
            Stopped?.Invoke(stop);
            actionStopped.Invoke(stop.Rule, stop.Reason);
        }

        internal void Take(Roster roster, TickFrame frame)
        {
            int row = roster.RowOf(id);
            if (row < 0)
            {
                return;
            }
            Roster = roster;
            Version++;
            Copy(frame.Emotion, row, frame.Labels, ref emotions);
            FaceBlock asked = registered == null || registered.Client == null ? null : registered.Client.Faces;
            FaceShapes = asked == null ? roster.Shapes : asked.Columns;
            if (asked == null)
            {
                Copy(frame.Face, row, frame.Shapes, ref face);
            }
            else if (!asked.CopyRow(row, ref face))
            {
                // Not among those near: at rest.
                System.Array.Clear(face, 0, face.Length);
            }
            Mood = new Vector3(frame.Mood[3 * row], frame.Mood[3 * row + 1], frame.Mood[3 * row + 2]);
            FindFeeling();
        }

        /// <summary>The world is gone, or another one comes.</summary>
        internal void Forget()
        {
            CurrentAction = null;
            everReported = false;
            Version++;
        }

        internal bool HasMoved(out Vector3 place)
        {
            place = transform.position;
            if (!reportPosition || (everReported && (place - reported).sqrMagnitude < MovedMetres * MovedMetres))
            {
                return false;
            }
            reported = place;
            everReported = true;
            return true;
        }

        private void OnEnable()
        {
            Register();
        }

        private void OnDisable()
        {
            if (registered != null)
            {
                registered.Unregister(this);
                registered = null;
            }
        }

        private void Update()
        {
            if (registered == null)
            {
                Register();
            }
            if (CurrentAction == null || !succeedWhenItHasLasted)
            {
                return;
            }
            acting += Time.deltaTime;
            if (acting >= CurrentAction.Lasts)
            {
                ReportSuccess();
            }
        }

        private void Register()
        {
            EmotionSidecar found = Sidecar;
            if (found != null && id.Length > 0)
            {
                registered = found;
                found.Register(this);
            }
        }

        private void Rename(string value)
        {
            bool enrolled = registered != null;
            OnDisable();
            id = value;
            if (enrolled)
            {
                Register();
            }
        }

        private static void Copy(float[] column, int row, int width, ref float[] into)
        {
            if (into.Length != width)
            {
                into = new float[width];
            }
            Array.Copy(column, row * width, into, 0, width);
        }

        private void FindFeeling()
        {
            int strongest = 0;
            for (int i = 1; i < emotions.Length; i++)
            {
                strongest = emotions[i] > emotions[strongest] ? i : strongest;
            }
            string feeling = emotions.Length == 0 ? "" : Roster.Labels[strongest];
            if (feeling != Feeling)
            {
                Feeling = feeling;
                feelingChanged.Invoke(feeling);
            }
        }
    }
}
