// Owns a smart object as the game sees it: its variables, where it is, and how far it reaches (drawn in the editor).
using System;
using UnityEngine;

namespace EmotionRuntime.Unity
{
    public enum VariableKind
    {
        Number,
        Boolean,
    }

    /// <summary>A variable that the scene file declares for the object.</summary>
    [Serializable]
    public sealed class ObjectVariable
    {
        public string name = "";
        public VariableKind kind;
        public float number;
        public bool flag;

        internal float Value
        {
            get { return kind == VariableKind.Boolean ? (flag ? 1f : 0f) : number; }
        }
    }

    /// <summary>Changed variables and places are told by themselves. Until then the scene file's values hold.</summary>
    [AddComponentMenu("Emotion Runtime/Emotion Smart Object")]
    [DisallowMultipleComponent]
    public sealed class EmotionSmartObject : MonoBehaviour
    {
        private const float MovedMetres = 0.01f;

        [Tooltip("As in the scene file.")]
        [SerializeField] private string id = "";
        [Tooltip("Empty: the scene's only sidecar.")]
        [SerializeField] private EmotionSidecar sidecar;
        [SerializeField] private ObjectVariable[] variables = new ObjectVariable[0];
        [SerializeField] private bool reportPosition = true;
        [Tooltip("Tell all variables when a world begins, not only those that change.")]
        [SerializeField] private bool tellAllAtStart;
        [Tooltip("Ranges of its rules in metres, as in the scene file; only drawn.")]
        [SerializeField] private float[] ranges = { 4f };
        [SerializeField] private Color rangeColor = new Color(1f, 0.6f, 0.1f, 0.8f);

        private float[] told = new float[0];
        private Vector3 placeTold;
        private long session;

        /// <summary>As in the scene file.</summary>
        public string Id
        {
            get { return id; }
            set { id = value; }
        }

        /// <summary>Ranges of its rules in metres; only drawn.</summary>
        public float[] Ranges
        {
            get { return ranges; }
            set { ranges = value; }
        }

        private EmotionSidecar Sidecar
        {
            get { return sidecar != null ? sidecar : EmotionSidecar.Instance; }
        }

        /// <summary>Set a number; it is told in this frame.</summary>
        public void Set(string variable, float value)
        {
            ObjectVariable found = Find(variable);
            found.kind = VariableKind.Number;
            found.number = value;
        }

        /// <summary>Set a truth value; it is told in this frame.</summary>
        public void Set(string variable, bool value)
        {
            ObjectVariable found = Find(variable);
            found.kind = VariableKind.Boolean;
            found.flag = value;
        }

        private void Update()
        {
            EmotionSidecar known = Sidecar;
            SidecarClient client = known == null ? null : known.Client;
            if (client == null || client.Snapshot == null || id.Length == 0)
            {
                return;
            }
            if (client.Snapshot.Session != session)
            {
                Begin(client);
            }
            for (int i = 0; i < variables.Length; i++)
            {
                Tell(client, i);
            }
            if (reportPosition && (transform.position - placeTold).sqrMagnitude > MovedMetres * MovedMetres)
            {
                placeTold = transform.position;
                client.Move(id, placeTold.x, placeTold.y, placeTold.z);
            }
        }

        private void OnDrawGizmosSelected()
        {
            Draw(rangeColor);
        }

        private void OnDrawGizmos()
        {
            Draw(new Color(rangeColor.r, rangeColor.g, rangeColor.b, 0.25f * rangeColor.a));
        }

        private void Begin(SidecarClient client)
        {
            session = client.Snapshot.Session;
            placeTold = new Vector3(float.PositiveInfinity, 0f, 0f);
            told = new float[variables.Length];
            for (int i = 0; i < told.Length; i++)
            {
                told[i] = tellAllAtStart ? float.NaN : variables[i].Value;
            }
        }

        private void Tell(SidecarClient client, int index)
        {
            ObjectVariable variable = variables[index];
            if (index >= told.Length)
            {
                Array.Resize(ref told, variables.Length);
                told[index] = float.NaN;
            }
            if (variable.name.Length == 0 || variable.Value == told[index])
            {
                return;
            }
            told[index] = variable.Value;
            if (variable.kind == VariableKind.Boolean)
            {
                client.Set(id + "." + variable.name, variable.flag);
            }
            else
            {
                client.Set(id + "." + variable.name, variable.number);
            }
        }

        private ObjectVariable Find(string variable)
        {
            foreach (ObjectVariable each in variables)
            {
                if (each.name == variable)
                {
                    return each;
                }
            }
            Array.Resize(ref variables, variables.Length + 1);
            variables[variables.Length - 1] = new ObjectVariable { name = variable };
            return variables[variables.Length - 1];
        }

        private void Draw(Color color)
        {
            Gizmos.color = color;
            foreach (float range in ranges)
            {
                Gizmos.DrawWireSphere(transform.position, range);
            }
        }
    }
}
