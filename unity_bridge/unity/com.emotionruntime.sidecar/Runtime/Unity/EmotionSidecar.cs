// Owns the connection in a scene: one component that starts, polls and stops the client, and knows the characters.
using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Events;

namespace EmotionRuntime.Unity
{
    /// <summary>A text goes with it: a status, an emotion, a label.</summary>
    [Serializable]
    public sealed class TextEvent : UnityEvent<string>
    {
    }

    /// <summary>Put one into the scene. It works without the sidecar too: characters then stay neutral.</summary>
    [AddComponentMenu("Emotion Runtime/Emotion Sidecar")]
    [DefaultExecutionOrder(-100)]
    [DisallowMultipleComponent]
    public sealed class EmotionSidecar : MonoBehaviour
    {
        private static readonly List<EmotionSidecar> Connected = new List<EmotionSidecar>();

        [Header("Where the sidecar is")]
        [SerializeField] private string host = Protocol.DefaultHost;
        [Tooltip("Stream; link and control are on the next two ports.")]
        [SerializeField] private int port = Protocol.DefaultPort;
        [Tooltip("Empty for a sidecar without one.")]
        [SerializeField] private string token = "";
        [Tooltip("The file of serve --token-file; wins over the token.")]
        [SerializeField] private string tokenFile = "";
        [SerializeField] private bool connectOnEnable = true;

        [Header("Who this game is")]
        [SerializeField] private string clientName = "unity";
        [Tooltip("Characters this game plays. Empty: all that nobody else plays.")]
        [SerializeField] private string[] owns = new string[0];
        [Tooltip("Seconds between reports of where everybody stands. 0: in every frame.")]
        [SerializeField] private float positionInterval = 0.1f;
        [Tooltip("The sidecar's clock stands while the game is paused.")]
        [SerializeField] private bool pauseWithGame = true;

        [Header("Start it with the game")]
        [SerializeField] private bool startSidecar;
        [Tooltip("Path of the program, or its name on PATH.")]
        [SerializeField] private string executable = "emotion-runtime";
        [Tooltip("A scene file, or the name of a bundled scene.")]
        [SerializeField] private string sceneFile = "tavern";

        [SerializeField] private TextEvent statusChanged = new TextEvent();

        private readonly Dictionary<string, EmotionCharacter> characters = new Dictionary<string, EmotionCharacter>();
        private readonly SortedDictionary<int, Vector3> places = new SortedDictionary<int, Vector3>();
        private SidecarProcess process;
        private string status = "";
        private float reported;
        private bool pausedByUs;

        /// <summary>The first one that is enabled, or null.</summary>
        public static EmotionSidecar Instance
        {
            get { return Connected.Count > 0 ? Connected[0] : null; }
        }

        /// <summary>The client underneath; null while disconnected. Its events are raised in Update.</summary>
        public SidecarClient Client { get; private set; }

        /// <summary>How things stand, with the reason and what to do.</summary>
        public ClientStatus Status
        {
            get { return Client == null ? new ClientStatus() : Client.Status; }
        }

        /// <summary>Status in one line, for people.</summary>
        public string StatusText
        {
            get { return status; }
        }

        public TextEvent StatusChanged
        {
            get { return statusChanged; }
        }

        /// <summary>How much of the last state is to be shown: falls to 0 when the frames stop.</summary>
        public float Presence { get; private set; }

        /// <summary>Characters that have said they are there, by id.</summary>
        public IEnumerable<EmotionCharacter> Characters
        {
            get { return characters.Values; }
        }

        /// <summary>Stop every connection and process now: domain reloads, the end of play mode, the end of the editor.</summary>
        public static void StopAll()
        {
            foreach (EmotionSidecar each in Connected.ToArray())
            {
                each.Disconnect();
            }
            Connected.Clear();
        }

        /// <summary>Without a domain reload statics live on into the next play.</summary>
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        private static void ResetStatics()
        {
            StopAll();
        }

        /// <summary>Connect, and start the sidecar first if it is to be. Returns at once.</summary>
        public void Connect()
        {
            if (Client != null || process != null)
            {
                return;
            }
            if (startSidecar)
            {
                process = SidecarProcess.Start(executable, sceneFile, "");
            }
            else
            {
                Open(null);
            }
        }

        /// <summary>Say goodbye and close everything, and end the sidecar if it was started here.</summary>
        public void Disconnect()
        {
            if (Client != null)
            {
                if (pausedByUs)
                {
                    // Play ended while the game was paused: the next one must not find a world that stands.
                    PauseGame(false);
                }
                SidecarClient closing = Client;
                Client = null;
                if (!closing.Stop())
                {
                    Debug.LogWarning("Emotion Runtime: a connection's thread did not end in a second.", this);
                }
            }
            if (process != null)
            {
                process.Stop();
                process = null;
            }
            Presence = 0;
            foreach (EmotionCharacter each in characters.Values)
            {
                each.Forget();
            }
            Tell("off");
        }

        /// <summary>The game stands still or goes on: the sidecar's clock too, if it is to. The editor calls it.</summary>
        public void PauseGame(bool paused)
        {
            if (pauseWithGame && Client != null && Client.Snapshot != null)
            {
                pausedByUs = paused;
                Client.Request(paused ? Operations.Pause : Operations.Resume, null, null);
            }
        }

        /// <summary>Called by characters when they are enabled.</summary>
        public void Register(EmotionCharacter character)
        {
            if (characters.TryGetValue(character.Id, out EmotionCharacter other) && other != character)
            {
                Debug.LogWarning("Emotion Runtime: two characters are called " + character.Id, character);
            }
            characters[character.Id] = character;
        }

        /// <summary>Called by characters when they are disabled.</summary>
        public void Unregister(EmotionCharacter character)
        {
            if (characters.TryGetValue(character.Id, out EmotionCharacter known) && known == character)
            {
                characters.Remove(character.Id);
            }
        }

        private void OnEnable()
        {
            Connected.Add(this);
            if (connectOnEnable)
            {
                Connect();
            }
        }

        private void OnDisable()
        {
            Disconnect();
            Connected.Remove(this);
        }

        private void OnApplicationQuit()
        {
            Disconnect();
        }

        private void OnApplicationPause(bool paused)
        {
            PauseGame(paused);
        }

        private void Update()
        {
            if (Client == null && process != null)
            {
                AwaitProcess();
            }
            if (Client == null)
            {
                return;
            }
            Client.Poll();
            ClientStatus now = Client.Status;
            Presence = Fading.Presence(now.State, Client.FrameAge);
            Tell(now.ToString());
            if (now.State == ClientState.Live && Time.unscaledTime - reported >= positionInterval)
            {
                reported = Time.unscaledTime;
                ReportPlaces();
            }
        }

        private void AwaitProcess()
        {
            if (process.Fault.Length > 0)
            {
                Tell("refused: " + process.Fault);
            }
            else if (process.Endpoints != null)
            {
                Open(process.Endpoints);
            }
            else
            {
                Tell("connecting: the sidecar is starting");
            }
        }

        private void Open(string[] endpoints)
        {
            Client = new SidecarClient(new SidecarOptions
            {
                Host = host,
                Port = port,
                Endpoints = endpoints,
                Name = clientName,
                Owns = owns.Length == 0 ? null : owns,
                Token = token.Length == 0 ? null : token,
                TokenFile = tokenFile.Length == 0 ? null : tokenFile,
                Package = "com.emotionruntime.sidecar",
            });
            Client.SnapshotTaken += TakeSnapshot;
            Client.FrameTaken += TakeFrame;
            Client.ActionStarted += start => Find(start.Character)?.Begin(start);
            Client.ActionStopped += stop => Find(stop.Character)?.End(stop);
            Client.Noticed += notice => Debug.LogWarning("Emotion Runtime: " + notice.Code + ": " + notice.Text, this);
            Client.HandlerFailed += error => Debug.LogException(error, this);
            Client.Start();
        }

        private void TakeSnapshot(Snapshot snapshot)
        {
            foreach (EmotionCharacter each in characters.Values)
            {
                each.Forget();
            }
            foreach (ActionStart running in snapshot.Running)
            {
                Find(running.Character)?.Begin(running);
            }
            if (pauseWithGame)
            {
                // A connection to control that stands: in a paused game nothing is polled that could make one.
                Client.Request(Operations.Ping, null, null);
            }
            TakeFrame(Client.Latest);
        }

        private void TakeFrame(TickFrame frame)
        {
            foreach (EmotionCharacter each in characters.Values)
            {
                each.Take(Client.Roster, frame);
            }
        }

        /// <summary>A real null for one that is not there or destroyed.</summary>
        private EmotionCharacter Find(string id)
        {
            return characters.TryGetValue(id, out EmotionCharacter character) && character != null ? character : null;
        }

        /// <summary>Everybody who has moved, in one observation of columns.</summary>
        private void ReportPlaces()
        {
            places.Clear();
            foreach (EmotionCharacter each in characters.Values)
            {
                int row = Client.Roster.RowOf(each.Id);
                if (row >= 0 && each.HasMoved(out Vector3 place))
                {
                    places[row] = place;
                }
            }
            var rows = new int[places.Count];
            var metres = new float[3 * places.Count];
            int at = 0;
            foreach (KeyValuePair<int, Vector3> pair in places)
            {
                rows[at] = pair.Key;
                metres[3 * at] = pair.Value.x;
                metres[3 * at + 1] = pair.Value.y;
                metres[3 * at + 2] = pair.Value.z;
                at++;
            }
            Client.Positions(rows, metres);
        }

        private void Tell(string text)
        {
            if (text != status)
            {
                status = text;
                statusChanged.Invoke(text);
            }
        }
    }
}
